//! Claude Code, driven through its own program with its stream of JSON lines and
//! its control protocol, which carry approvals, questions, retries and costs.

mod detect;
mod errors;
mod grants;
mod messages;
mod tools;
mod usage;
mod wire;

use async_trait::async_trait;
use process::Program;
use protocol::{
    agent::{AgentName, AgentStatus},
    runner::PermissionLevel,
};

use crate::{
    driver::{Agent, Launch, Lookout, Session, SessionPlan, StartError, Traces},
    launch::{self, program_of},
    turn::{self, Patience},
    wire::Refusal,
};
use wire::ClaudeWire;

/// Its product name.
const TITLE: &str = "Claude Code";

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClaudeAgent;

#[async_trait]
impl Agent for ClaudeAgent {
    fn name(&self) -> AgentName {
        AgentName::new(AgentName::CLAUDE)
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
    let wire = ClaudeWire::new(launch, notice);
    turn::start(&command(launch), wire, Patience::USUAL).await
}

/// The tools with which it changes something; the owner's policy would deny each call of them
/// to a job that may only read, also those that Claude Code holds for harmless.
const CHANGING_TOOLS: &str = "Bash,Edit,MultiEdit,NotebookEdit,Write";

/// The program with its arguments. The mode is always given: the user's own
/// settings may name one that does not ask.
///
/// It is the same at every level. Its `acceptEdits` lets commands and git's own files pass, and
/// `bypassPermissions` everything; `plan` writes plans outside of the job's folder.
fn command(launch: &Launch) -> Program {
    let mut program = program_of(launch)
        .environment([("DISABLE_AUTOUPDATER", "1")])
        .arguments(["-p", "--verbose", "--include-partial-messages"])
        .arguments(["--input-format", "stream-json"])
        .arguments(["--output-format", "stream-json"])
        .arguments(["--permission-prompt-tool", "stdio"])
        .arguments(["--permission-mode", "default"]);
    if launch.level == PermissionLevel::ReadOnly {
        program = program.arguments(["--disallowedTools", CHANGING_TOOLS]);
    }
    if let Some(model) = &launch.model {
        program = program.arguments(["--model", model]);
    }
    program = match &launch.session {
        SessionPlan::New { id } => program.arguments(["--session-id", &id.to_string()]),
        SessionPlan::Resume { session, .. } => program.arguments(["--resume", session]),
    };
    program.arguments(&launch.extra_arguments)
}

#[cfg(test)]
pub(crate) fn wire_for(launch: &Launch) -> impl crate::wire::Wire + use<> {
    ClaudeWire::new(launch, None)
}

/// What detection makes of what the program says: its version, and its sign-in.
#[cfg(test)]
pub(crate) fn detection_of(said: &str) -> (Option<String>, protocol::agent::SignIn) {
    detect::read(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::launch_for;

    /// Its arguments at this level, in the form in which the program prints them.
    fn arguments(level: PermissionLevel) -> String {
        let mut launch = launch_for("claude-approve");
        launch.level = level;
        format!("{:?}", command(&launch))
    }

    #[test]
    fn it_asks_at_every_level_and_has_no_tools_to_change_something_where_it_only_reads() {
        for level in [
            PermissionLevel::ReadOnly,
            PermissionLevel::Ask,
            PermissionLevel::AcceptEdits,
            PermissionLevel::Trusted,
        ] {
            let arguments = arguments(level);
            assert!(arguments.contains("\"--permission-mode\", \"default\""));
            let without = arguments.contains("--disallowedTools");
            assert_eq!(without, level == PermissionLevel::ReadOnly, "{arguments}");
        }
    }
}
