//! `coord runner agents`

mod own;

use std::{fmt::Write as _, path::Path};

use control::message::Request;
use futures::StreamExt as _;
use protocol::agent::{AgentStatus, Detection, SignIn, Tool};
use serde_json::json;

use super::client;
use crate::{
    arguments::{Agents, AgentsCommand},
    context::Context,
    exit::{Done, Failure},
    format,
    output::Table,
};

/// Shows the agents on this machine, or changes which there are.
pub(super) async fn run(context: &Context, data: &Path, arguments: Agents) -> Done {
    match arguments.command {
        None => show(context, data, arguments.rescan).await,
        Some(AgentsCommand::Add(agent)) => own::add(context, data, agent).await,
        Some(AgentsCommand::Remove { name }) => own::remove(context, data, name).await,
        Some(AgentsCommand::Test { name }) => own::test(context, data, name).await,
    }
}

async fn show(context: &Context, data: &Path, rescan: bool) -> Done {
    let client = client::connect(data).await?;
    if rescan {
        client
            .call(Request::Rescan)
            .await
            .map_err(client::failure)?;
    }
    let mut states = client.watch().await.map_err(client::failure)?;
    while let Some(state) = states.next().await {
        let state = state.map_err(client::failure)?;
        if !state.scanning {
            let found = json!({"agents": state.agents, "tools": state.tools});
            return context.output.result(&found, || {
                format!("{}\n{}", table(&state.agents), tools(&state.tools))
            });
        }
    }
    Err(Failure::plain(
        "the service ended while it looked for agents",
    ))
}

fn table(agents: &[AgentStatus]) -> String {
    let mut table = Table::new(&["AGENT", "NAME", "STATE", "ACCOUNT", "VERSION", "PROGRAM"]);
    for agent in agents {
        let or_none =
            |text: &Option<String>| text.as_deref().map_or("-".to_owned(), format::printable);
        table.row(vec![
            agent.title.clone(),
            agent.name.to_string(),
            state(agent).to_owned(),
            or_none(&agent.account),
            or_none(&agent.version),
            or_none(&agent.path),
        ]);
    }
    let mut text = table.or("No agents.");
    for agent in agents.iter().filter(|agent| !agent.is_usable()) {
        if let Some(hint) = &agent.hint {
            writeln!(text, "{}: {}", agent.title, format::printable(hint)).ok();
        }
    }
    text
}

fn tools(tools: &[Tool]) -> String {
    let mut table = Table::new(&["TOOL", "VERSION", ""]);
    for tool in tools {
        let unknown = match &tool.detail {
            Some(_) => "-",
            None => "not found",
        };
        table.row(vec![
            tool.name.clone(),
            format::printable(tool.version.as_deref().unwrap_or(unknown)),
            format::printable(tool.detail.as_deref().unwrap_or_default()),
        ]);
    }
    table.or("No tools.")
}

const fn state(agent: &AgentStatus) -> &'static str {
    match (agent.detection, agent.enabled, agent.sign_in) {
        (Detection::NotFound, ..) => "not found",
        (Detection::Unsupported, ..) => "unsupported",
        (Detection::Detected, false, _) => "off",
        (Detection::Detected, true, SignIn::SignedOut) => "not signed in",
        (Detection::Detected, true, SignIn::Unknown) => "on, sign-in unknown",
        (Detection::Detected, true, SignIn::SignedIn | SignIn::NotNeeded) => "on",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, version: Option<&str>, detail: Option<&str>) -> Tool {
        Tool {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn a_tool_is_told_from_one_that_is_missing_and_one_that_is_broken() {
        let text = tools(&[
            tool("git", Some("2.39.5"), None),
            tool("gh", None, None),
            tool("node", None, Some("does not answer")),
            tool("sandbox", None, Some("landlock")),
        ]);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[0], ["git", "2.39.5"]);
        assert_eq!(lines[1], ["gh", "not", "found"]);
        assert_eq!(lines[2], ["node", "-", "does", "not", "answer"]);
        assert_eq!(lines[3], ["sandbox", "-", "landlock"]);
    }
}
