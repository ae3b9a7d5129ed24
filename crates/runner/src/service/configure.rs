//! Changing settings while the service runs.

use std::{path::PathBuf, sync::Arc};

use control::state::{AgentConfig, ConfigPatch, CustomAgent, SharedUseConfig};
use protocol::error::{ErrorCode, Problem};
use settings::{
    config::{
        AgentSettings, CustomSettings, NotHours, SharedUseSettings, Values, WorkspaceSettings,
    },
    directory::{self, Places},
    places,
};

use super::{door, shared::Shared};

/// Changes what `patch` holds; everything applies at once, and stands in the file.
pub(crate) async fn configure(shared: &Shared, patch: ConfigPatch) -> Result<(), Problem> {
    let mut configuration = shared.configuration.lock().await;
    let other_server = patch.server.as_ref().is_some_and(|server| {
        settings::server::normalize(server).ok() != configuration.config().server
    });
    if other_server && !shared.attempts.all().is_empty() {
        return Err(Problem::new(
            ErrorCode::Conflict,
            "The coordinator cannot be changed while jobs of it are under way on this machine.",
        )
        .hint("Wait until they have finished, or cancel them."));
    }
    let workspace_dir = match patch.workspace_dir {
        Some(path) => Some(prepared(shared, PathBuf::from(path)).await?),
        None => None,
    };
    let shared_use = patch.shared_use.map(kept_shared_use).transpose()?;
    // Only what differs: the rest may be held by an option or the environment.
    let space = configuration.config().space;
    let differs = |wanted: u32, now: u32| (wanted != now).then_some(wanted);
    let change = Values {
        shared_use,
        server: patch.server,
        name: patch.name,
        workspace_dir,
        slots: patch.slots,
        permission: patch.permission,
        approval_timeout_min: patch.approval_timeout_min,
        disk_floor_mb: patch
            .space
            .and_then(|wanted| differs(wanted.disk_floor_mb, space.disk_floor_mb)),
        keep_days: patch
            .space
            .and_then(|wanted| differs(wanted.keep_days, space.keep_days)),
        aside_days: patch
            .space
            .and_then(|wanted| differs(wanted.aside_days, space.aside_days)),
        workspaces: patch
            .workspaces
            .into_iter()
            .map(|(name, one)| {
                let permission = one.permission;
                (name, WorkspaceSettings { permission })
            })
            .collect(),
        agents: patch
            .agents
            .into_iter()
            .map(|(name, agent)| (name, kept_agent(agent)))
            .collect(),
        agents_removed: patch.agents_removed,
    };
    configuration
        .change(change)
        .map_err(|error| Problem::new(ErrorCode::Invalid, error.to_string()))?;
    let config = Arc::new(configuration.config().clone());
    let shown = door::shown(&configuration);
    drop(configuration);
    shared.board.update(|state| state.config = shown);
    shared.config.send_replace(config);
    shared.show_attempts();
    shared.sync_wanted.notify_one();
    Ok(())
}

/// Makes a directory ready before it is chosen.
async fn prepared(shared: &Shared, path: PathBuf) -> Result<PathBuf, Problem> {
    let data = shared.data.clone();
    let made = tokio::task::spawn_blocking(move || {
        let home = places::home_dir();
        let known = Places {
            home: home.as_deref(),
            data_dir: &data,
        };
        directory::prepare(&path, known)
    });
    match made.await {
        Ok(made) => made.map_err(|error| Problem::new(ErrorCode::Invalid, error.to_string())),
        Err(error) => Err(Problem::new(ErrorCode::Internal, error.to_string())),
    }
}

fn kept_agent(agent: AgentConfig) -> AgentSettings {
    AgentSettings {
        enabled: agent.enabled,
        program: agent.program,
        model: agent.model,
        extra_arguments: agent.extra_arguments,
        // Stands in the file alone, where a change leaves it.
        job_arguments: false,
        custom: agent.custom.map(kept_custom),
        permission: agent.permission,
    }
}

/// A description of an agent as it is kept.
pub(crate) fn kept_custom(custom: CustomAgent) -> CustomSettings {
    CustomSettings {
        title: custom.title.filter(|title| !title.trim().is_empty()),
        command: custom.command.trim().to_owned(),
        arguments: custom.arguments,
        environment: custom.environment,
        mode: custom.mode.filter(|mode| !mode.trim().is_empty()),
    }
}

fn kept_shared_use(wished: SharedUseConfig) -> Result<SharedUseSettings, Problem> {
    let hours = wished.hours.as_deref().map(str::trim);
    let hours = hours.filter(|hours| !hours.is_empty()).map(str::parse);
    let people = wished
        .people
        .iter()
        .map(|email| email.trim().to_lowercase());
    let kept = SharedUseSettings {
        allowed: wished.allowed,
        people: people.filter(|email| !email.is_empty()).collect(),
        agents: wished.agents,
        permission: SharedUseSettings::permission_for_others(wished.permission).map_err(
            |error| {
                Problem::new(ErrorCode::Invalid, format!("{error}."))
                    .hint("Choose `read_only` or `ask`.")
            },
        )?,
        at_once: wished.at_once,
        hours: hours
            .transpose()
            .map_err(|error: NotHours| Problem::new(ErrorCode::Invalid, error.to_string()))?,
    };
    if kept.people.iter().any(|email| !email.contains('@')) {
        return Err(Problem::new(
            ErrorCode::Invalid,
            "Somebody in the list of people has no e-mail address.",
        )
        .hint("Write addresses like name@example.com."));
    }
    if kept.at_once == Some(0) {
        return Err(Problem::new(
            ErrorCode::Invalid,
            "A limit for jobs of others begins at 1.",
        )
        .hint("Switch shared use off to allow none."));
    }
    Ok(kept)
}

/// What others may do, as a face shows it.
pub(crate) fn shown_shared_use(shared: &SharedUseSettings) -> SharedUseConfig {
    SharedUseConfig {
        allowed: shared.allowed,
        people: shared.people.clone(),
        agents: shared.agents.clone(),
        permission: shared.permission,
        at_once: shared.at_once,
        hours: shared.hours.as_ref().map(ToString::to_string),
    }
}

/// One agent's settings as a face shows them.
pub(crate) fn shown_agent(agent: &AgentSettings) -> AgentConfig {
    AgentConfig {
        enabled: agent.enabled,
        program: agent.program.clone(),
        model: agent.model.clone(),
        extra_arguments: agent.extra_arguments.clone(),
        custom: agent.custom.as_ref().map(|custom| CustomAgent {
            title: custom.title.clone(),
            command: custom.command.clone(),
            arguments: custom.arguments.clone(),
            environment: custom.environment.clone(),
            mode: custom.mode.clone(),
        }),
        permission: agent.permission,
    }
}
