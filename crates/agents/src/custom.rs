//! Agents that the machine's owner described in the settings: any program that
//! speaks the Agent Client Protocol.

use std::path::PathBuf;

use protocol::agent::AgentName;

use crate::acp::AcpAgent;

/// How the owner described an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomAgent {
    /// Its short name.
    pub name: AgentName,
    /// What people call it.
    pub title: String,
    /// Its program: a name to be looked for, or a path.
    pub command: String,
    /// The arguments that make it speak the protocol.
    pub arguments: Vec<String>,
    /// Variables set for it, beside those that every agent sees.
    pub environment: Vec<(String, String)>,
    /// The mode in which it works; one in which it asks without it.
    pub mode: Option<String>,
}

/// The agent as any other.
pub fn agent(described: &CustomAgent) -> AcpAgent {
    AcpAgent {
        arguments: described.arguments.clone(),
        environment: described.environment.clone(),
        mode: described.mode.clone(),
        needs_sign_in: true,
        custom: true,
        install_hint: Some(format!(
            "There is no program `{}` on this machine: install it, or correct the command in the \
             settings.",
            described.command
        )),
        ..AcpAgent::new(
            described.name.as_str(),
            described.title.as_str(),
            PathBuf::from(&described.command),
        )
    }
}
