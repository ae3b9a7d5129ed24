//! `coord runner agents`

use std::fmt::Write as _;

use std::path::Path;

use control::message::Request;
use futures::StreamExt as _;
use protocol::agent::{AgentStatus, Detection, SignIn};

use super::client;
use crate::{
    arguments::Agents,
    context::Context,
    exit::{Done, Failure},
    format,
    output::Table,
};

/// Shows the agents on this machine.
pub(super) async fn run(context: &Context, data: &Path, arguments: &Agents) -> Done {
    let client = client::connect(data).await?;
    if arguments.rescan {
        client
            .call(Request::Rescan)
            .await
            .map_err(client::failure)?;
    }
    let mut states = client.watch().await.map_err(client::failure)?;
    while let Some(state) = states.next().await {
        let state = state.map_err(client::failure)?;
        if !state.scanning {
            return context
                .output
                .result(&state.agents, || table(&state.agents));
        }
    }
    Err(Failure::plain(
        "the service ended while it looked for agents",
    ))
}

fn table(agents: &[AgentStatus]) -> String {
    let mut table = Table::new(&["AGENT", "NAME", "STATE", "VERSION", "PROGRAM"]);
    for agent in agents {
        let or_none =
            |text: &Option<String>| text.as_deref().map_or("-".to_owned(), format::printable);
        table.row(vec![
            agent.title.clone(),
            agent.name.to_string(),
            state(agent).to_owned(),
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
