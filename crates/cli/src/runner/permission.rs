//! `coord runner permission`: how much agents on this machine may do without asking.

use std::path::Path;

use control::{
    message::{Reply, Request},
    state::{AgentConfig, Config, ConfigPatch, WorkspaceConfig},
};
use protocol::{
    agent::AgentName,
    error::{ErrorCode, Problem},
    runner::PermissionLevel,
};
use serde_json::json;

use super::client;
use crate::{
    arguments::{Permission, PermissionCommand, SetPermission},
    context::Context,
    exit::{Done, Failure},
};

/// Shows it, or changes it and then shows it.
pub(super) async fn run(context: &Context, data: &Path, arguments: Permission) -> Done {
    if let PermissionCommand::Set(change) = arguments.command.unwrap_or_default() {
        let now = client::running_state(data).await?;
        let known: Vec<_> = now.agents.iter().map(|agent| agent.name.clone()).collect();
        let patch = changed(&now.config, &known, &change)?;
        match client::call(data, Request::Configure { patch }).await? {
            Reply::Done => {}
            _ => return Err(client::strange()),
        }
    }
    let config = client::running_state(data).await?.config;
    let agents: serde_json::Map<_, _> = agents(&config)
        .map(|(name, level)| (name.to_string(), json!(level)))
        .collect();
    let result = json!({
        "permission": config.permission,
        "agents": agents,
        "workspaces": config.workspaces,
        "others": config.shared_use.permission,
    });
    context.output.result(&result, || in_words(&config))
}

fn changed(
    now: &Config,
    known: &[AgentName],
    change: &SetPermission,
) -> Result<ConfigPatch, Failure> {
    let mut patch = ConfigPatch::default();
    let level = change.level.0;
    if let Some(name) = &change.agent {
        let name = AgentName::new(name.as_str());
        if !known.contains(&name) {
            return Err(unknown_agent(&name));
        }
        // What is said of one agent replaces all that was.
        let untouched = AgentConfig {
            enabled: true,
            ..AgentConfig::default()
        };
        let mut agent = now.agents.get(&name).cloned().unwrap_or(untouched);
        agent.permission = level;
        patch.agents.insert(name, agent);
    } else if let Some(name) = &change.workspace {
        let workspace = WorkspaceConfig { permission: level };
        patch.workspaces.insert(name.clone(), workspace);
    } else {
        let level = level.ok_or_else(|| {
            let words = "What counts for all cannot be unset; `ask` is what counts from the start.";
            Failure::from(Problem::new(ErrorCode::Invalid, words))
        })?;
        patch.permission = Some(level);
    }
    Ok(patch)
}

fn unknown_agent(name: &AgentName) -> Failure {
    let words = format!("This machine knows no agent called `{name}`.");
    let hint = "`coord runner agents` lists the agents of this machine.";
    Problem::new(ErrorCode::NotFound, words).hint(hint).into()
}

/// The agents with a level of their own.
fn agents(config: &Config) -> impl Iterator<Item = (&AgentName, PermissionLevel)> {
    let agents = config.agents.iter();
    agents.filter_map(|(name, agent)| Some((name, agent.permission?)))
}

fn in_words(config: &Config) -> String {
    let mut lines = vec![line("All agents", config.permission)];
    lines.extend(agents(config).map(|(name, level)| line(&format!("Agent {name}"), level)));
    for (name, workspace) in &config.workspaces {
        if let Some(level) = workspace.permission {
            lines.push(line(&format!("Workspace {name}"), level));
        }
    }
    lines.push(line(
        "Jobs of others, at most",
        config.shared_use.permission,
    ));
    lines.join("\n")
}

fn line(what: &str, level: PermissionLevel) -> String {
    let means = match level {
        PermissionLevel::ReadOnly => "read_only: agents look at files, and do nothing else",
        PermissionLevel::Ask => "ask: everything that changes something asks",
        PermissionLevel::AcceptEdits => "accept_edits: files in the job's folder may be changed",
        PermissionLevel::Trusted => "trusted: everything that is not forbidden to every job",
    };
    format!("{what:<24} {means}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Level;

    fn config() -> Config {
        let claude = AgentConfig {
            enabled: false,
            model: Some("opus".to_owned()),
            ..AgentConfig::default()
        };
        Config {
            server: None,
            name: None,
            workspace_dir: None,
            slots: 1,
            agents: [(AgentName::new(AgentName::CLAUDE), claude)].into(),
            shared_use: control::state::SharedUseConfig::default(),
            permission: PermissionLevel::Ask,
            approval_timeout_min: 30,
            workspaces: std::collections::BTreeMap::default(),
            space: control::state::SpaceConfig::default(),
            locked: Vec::new(),
            file: String::new(),
        }
    }

    fn set(
        level: Option<PermissionLevel>,
        agent: Option<&str>,
        workspace: Option<&str>,
    ) -> Result<ConfigPatch, Failure> {
        let known = [AgentName::CLAUDE, AgentName::CODEX].map(AgentName::new);
        let change = SetPermission {
            level: Level(level),
            agent: agent.map(str::to_owned),
            workspace: workspace.map(str::to_owned),
        };
        changed(&config(), &known, &change)
    }

    #[test]
    fn only_the_level_changes_of_what_is_named() {
        let reads = Some(PermissionLevel::ReadOnly);
        let patch = set(reads, Some("claude"), None).unwrap();
        let claude = &patch.agents[&AgentName::new(AgentName::CLAUDE)];
        assert_eq!(claude.permission, reads);
        assert!(!claude.enabled && claude.model.as_deref() == Some("opus"));
        let patch = set(reads, Some("codex"), None).unwrap();
        assert!(patch.agents[&AgentName::new(AgentName::CODEX)].enabled);
        let patch = set(None, None, Some("team")).unwrap();
        assert_eq!(patch.workspaces["team"].permission, None);
        assert!(patch.permission.is_none() && patch.agents.is_empty());
        assert_eq!(set(reads, None, None).unwrap().permission, reads);
        assert!(set(None, None, None).is_err(), "all of them follow nothing");
        assert!(set(reads, Some("nobody"), None).is_err());
    }

    #[test]
    fn what_counts_is_shown_from_the_general_to_the_particular() {
        let mut config = config();
        let workspace = WorkspaceConfig {
            permission: Some(PermissionLevel::Trusted),
        };
        config.workspaces.insert("team".to_owned(), workspace);
        let shown = in_words(&config);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].starts_with("All agents") && lines[0].contains("ask:"));
        assert!(lines[1].starts_with("Workspace team") && lines[1].contains("trusted:"));
        assert_eq!(lines.len(), 3, "{shown}");
    }
}
