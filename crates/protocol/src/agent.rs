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
    /// Codex.
    pub const CODEX: &'static str = "codex";
    /// Gemini CLI.
    pub const GEMINI: &'static str = "gemini";
    /// The agents that need not be described in the settings.
    pub const BUILT_IN: [&'static str; 4] = [Self::CLAUDE, Self::CODEX, Self::GEMINI, Self::DEMO];
    /// Longest name of an agent of the person's own.
    pub const CUSTOM_CHARS_MAX: usize = 32;

    /// The name as given.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the agent need not be described in the settings.
    pub fn is_built_in(&self) -> bool {
        Self::BUILT_IN.contains(&self.as_str())
    }

    /// Whether an agent of the person's own may be called so: lower case letters,
    /// digits and hyphens after a letter, and no built-in agent's name.
    pub fn suits_custom(&self) -> bool {
        let allowed = |sign: char| matches!(sign, 'a'..='z' | '0'..='9' | '-');
        self.0.starts_with(|sign: char| sign.is_ascii_lowercase())
            && self.0.chars().all(allowed)
            && self.0.len() <= Self::CUSTOM_CHARS_MAX
            && !self.is_built_in()
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

/// What an agent can do beyond a single turn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AgentAbilities {
    /// Whether a session that broke off can be taken up again.
    pub resume: bool,
    /// Whether it can ask questions in the middle of its work.
    pub questions: bool,
    /// The permission modes that it offers, in its own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// The models that it offers, in its own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
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
    /// What kind of account it works with, such as `api key`; never an address or a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub abilities: AgentAbilities,
    /// Whether the owner described it in the settings.
    #[serde(default)]
    pub custom: bool,
    /// What to do when it cannot be used: how to install it, how to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl AgentStatus {
    /// An agent of which nothing was found yet.
    pub fn not_found(name: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            name: AgentName::new(name),
            title: title.into(),
            detection: Detection::NotFound,
            enabled: true,
            version: None,
            path: None,
            sign_in: SignIn::Unknown,
            account: None,
            abilities: AgentAbilities::default(),
            custom: false,
            hint: None,
        }
    }

    /// Whether jobs can be given to it.
    pub fn is_usable(&self) -> bool {
        self.enabled && self.detection == Detection::Detected && self.sign_in != SignIn::SignedOut
    }
}

/// A tool of the machine that agents and runner make use of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tool {
    /// `git`, `gh`, `node`, `docker` or `sandbox`.
    pub name: String,
    /// Its version, as it says; none when it is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What else is known: whether it is signed in, which sandbox it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
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
    /// Tools that were looked for, found or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_agents_name_is_plain_and_no_built_in_one() {
        for good in ["a", "my-agent", "claude2", &"a".repeat(32)] {
            assert!(AgentName::new(good).suits_custom(), "{good}");
        }
        for bad in [
            "",
            "2a",
            "-a",
            "My",
            "a b",
            "a.b",
            "claude",
            "demo",
            &"a".repeat(33),
        ] {
            assert!(!AgentName::new(bad).suits_custom(), "{bad}");
        }
    }

    #[test]
    fn a_status_from_an_older_runner_is_understood() {
        let status: AgentStatus = serde_json::from_str(
            r#"{"name":"claude","title":"Claude Code","detection":"detected","enabled":true,"sign_in":"unknown"}"#,
        )
        .unwrap();
        assert_eq!(status.abilities, AgentAbilities::default());
        assert!(status.is_usable() && !status.custom);
    }
}
