//! Requests for permission, and their answers.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::AgentName,
    digest,
    ids::ApprovalId,
    rule::{RuleDraft, RuleMatch},
    time::Timestamp,
};

/// What an agent wants to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// Run a command.
    Run {
        /// The command, in full.
        command: String,
    },
    /// Write or change a file.
    Edit {
        /// The file's path, absolute or relative to the directory.
        path: String,
        /// A unified diff or the new content, in full.
        diff: String,
    },
    /// Anything else.
    Other {
        /// The tool's name or title.
        title: String,
        /// Its input, in full.
        detail: String,
    },
}

/// Why an action deserves care.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// It talks to the network.
    Network,
    /// It deletes something.
    Delete,
    /// It reaches outside of the job's folder.
    OutsideFolder,
    /// It may read or change credentials.
    Secrets,
    /// It asks for the administrator's rights.
    Elevated,
}

/// Exactly what is asked; the digest is made over this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalSubject {
    /// What the agent wants to do.
    pub action: Action,
    /// The directory in which it would happen.
    pub directory: String,
    /// Whether it stays inside of the job's folder.
    pub inside_folder: bool,
    /// The agent's own reason: its claim, not a fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_reason: Option<String>,
    /// Why it deserves care.
    #[serde(default)]
    pub risks: Vec<Risk>,
}

/// One request for permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// Which.
    pub id: ApprovalId,
    /// Digest of `subject`; an answer names it, so that it answers exactly this.
    pub digest: String,
    /// What is asked.
    pub subject: ApprovalSubject,
    /// The tool call that waits for it, as the agent names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call: Option<String>,
    /// When it was asked, on the runner's clock.
    pub asked_at: Timestamp,
    /// When it is denied without an answer, on the runner's clock; none when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// A narrow rule that would cover it, for whoever wants to allow it always; none where no rule should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<RuleMatch>,
    /// The short name of the workspace, as a rule names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The agent that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
}

impl Approval {
    /// A request for `subject`, with its digest.
    pub fn new(id: ApprovalId, subject: ApprovalSubject, asked_at: Timestamp) -> Self {
        Self {
            id,
            digest: digest::of_json(&subject),
            subject,
            tool_call: None,
            asked_at,
            expires_at: None,
            proposed: None,
            workspace: None,
            agent: None,
        }
    }
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// This once.
    AllowOnce,
    /// This, and the same again, until the job ends.
    AllowForJob,
    /// This, and whatever the rule that goes with it covers, also in other jobs on that machine.
    AllowAlways,
    /// Not this; the agent goes on without it.
    Deny,
}

impl Decision {
    /// Whether the action may happen.
    pub const fn allows(self) -> bool {
        matches!(
            self,
            Self::AllowOnce | Self::AllowForJob | Self::AllowAlways
        )
    }
}

/// Where an answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// In the web app.
    Web,
    /// In the runner's window.
    Window,
    /// On a command line.
    CommandLine,
    /// By a rule, a policy or a time-out of the runner itself.
    Policy,
}

/// Who answered, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnsweredBy {
    /// Where.
    pub surface: Surface,
    /// The person's name, or the rule's.
    pub name: String,
}

impl fmt::Display for AnsweredBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.surface {
            Surface::Web => write!(f, "{} in the web app", self.name),
            Surface::Window => write!(f, "{} in the runner's window", self.name),
            Surface::CommandLine => write!(f, "{} on a command line", self.name),
            Surface::Policy => write!(f, "the runner itself ({})", self.name),
        }
    }
}

/// An answer to an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalAnswer {
    /// What was decided.
    pub decision: Decision,
    /// The digest of what was seen; another digest is refused.
    pub digest: String,
    /// Words for the agent, with a denial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The rule as the person confirmed it, with `allow_always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleDraft>,
}
