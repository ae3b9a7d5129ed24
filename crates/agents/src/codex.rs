//! Codex, driven through its own program as an app server: requests, answers and
//! notifications as JSON lines, with approvals, questions and typed errors.
//!
//! Whatever the user's own settings say, a thread is opened with a sandbox that only
//! reads, and a person as the one who is asked. So everything that changes something
//! comes to us as a request, and is judged where all agents are judged.

mod command;
mod detect;
mod errors;
mod messages;
mod own_rules;
mod quirks;
mod requests;
#[cfg(test)]
mod schema;
mod shell;
mod tools;
mod usage;
mod wire;

use async_trait::async_trait;
use protocol::agent::{AgentName, AgentStatus};

use crate::{
    driver::{Agent, Launch, Lookout, Session, StartError, Traces},
    launch,
    turn::{self, Patience},
    wire::Refusal,
};
use quirks::StrayFolders;
use wire::CodexWire;

/// Its product name.
const TITLE: &str = "Codex";

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct CodexAgent;

#[async_trait]
impl Agent for CodexAgent {
    fn name(&self) -> AgentName {
        AgentName::new(AgentName::CODEX)
    }

    fn title(&self) -> &str {
        TITLE
    }

    fn traces(&self, lookout: &Lookout) -> Traces {
        detect::traces(lookout)
    }

    async fn detect(&self, lookout: &Lookout) -> AgentStatus {
        detect::detect(lookout).await
    }

    async fn start(&self, launch: Launch) -> Result<Session, StartError> {
        let begun = match begin(&launch, None).await {
            Err(Refusal::SessionGone) => begin(&launch.anew(), Some(launch::ANEW)).await,
            begun => begun,
        };
        begun.map_err(|refusal| refusal.for_start(TITLE))
    }
}

async fn begin(launch: &Launch, notice: Option<&str>) -> Result<Session, Refusal> {
    let strays = StrayFolders::before(&launch.folder);
    let notices: Vec<String> = notice
        .map(str::to_owned)
        .into_iter()
        .chain(own_rules::notice(launch))
        .collect();
    let wire = CodexWire::new(launch, notices);
    let session = turn::start(&command::of(launch), wire, Patience::USUAL).await?;
    Ok(strays.removed_after(session))
}

/// What detection makes of what the program says: its version, its sign-in, its models.
#[cfg(test)]
pub(crate) fn detection_of(said: &str) -> (Option<String>, protocol::agent::SignIn, Vec<String>) {
    detect::of_words(said)
}

/// A command as it is shown, without the shell in which it is put.
#[cfg(test)]
pub(crate) fn shown_command(command: &str) -> String {
    shell::unwrapped(command)
}

#[cfg(test)]
pub(crate) fn wire_for(launch: &Launch) -> impl crate::wire::Wire + use<> {
    CodexWire::new(launch, Vec::new())
}
