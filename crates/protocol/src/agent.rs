//! What is known of agents and tools on a machine.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An agent's short name: `claude`, `codex`, `gemini`, `demo`, or one of the person's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct AgentName(pub String);

impl AgentName {
    /// The demo agent, which needs no model.
    pub const DEMO: &'static str = "demo";
    /// Claude Code.
    pub const CLAUDE: &'static str = "claude";

    /// The name as given.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an agent was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detection {
    /// It is here and answers.
    Detected,
    /// It is not on this machine.
    NotFound,
    /// It is here, but cannot be used: too old, broken, or not for this system.
    Unsupported,
}

/// Whether an agent has a credential; only a turn proves that it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// A credential is present.
    SignedIn,
    /// There is none.
    SignedOut,
    /// The agent needs none.
    NotNeeded,
    /// It could not be found out.
    Unknown,
}

/// One agent as this machine knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentStatus {
    /// Its short name.
    pub name: AgentName,
    /// Its product name.
    pub title: String,
    /// Whether it was found.
    pub detection: Detection,
    /// Whether the machine's owner lets it be used.
    pub enabled: bool,
    /// Its version, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where its program stands on the machine; never sent to the coordinator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether it has a credential.
    pub sign_in: SignIn,
    /// What to do when it cannot be used: how to install it, how to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl AgentStatus {
    /// Whether jobs can be given to it.
    pub fn is_usable(&self) -> bool {
        self.enabled && self.detection == Detection::Detected && self.sign_in != SignIn::SignedOut
    }
}

/// The machine, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Platform {
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// The system's own name and version.
    pub os_version: String,
    /// `x86_64` or `aarch64`.
    pub arch: String,
    /// The machine's name in its network.
    pub hostname: String,
}

/// What a runner can do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// The machine.
    pub platform: Platform,
    /// Version of the runner itself.
    pub runner_version: String,
    /// Agents, in the order in which the owner prefers them.
    pub agents: Vec<AgentStatus>,
}

impl Capabilities {
    /// The digest by which a coordinator knows whether it has seen these already.
    pub fn digest(&self) -> String {
        crate::digest::of_json(self)
    }

    /// The first usable agent that fits the job's wish; any usable one when it has none.
    pub fn agent_for(&self, wish: Option<&AgentName>) -> Option<&AgentStatus> {
        self.agents
            .iter()
            .find(|agent| agent.is_usable() && wish.is_none_or(|name| *name == agent.name))
    }
}
