//! What a machine's owner allows, and what they ask of it from afar.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{agent::AgentName, ids::AttemptId, job::Refusal};

/// What the owner of a machine allows other members of a workspace to do with it.
///
/// It stands in the runner's own settings, and the runner enforces it; the coordinator knows it
/// only so that it offers nothing that would be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharedUse {
    /// Whether others may use it at all.
    pub allowed: bool,
    /// E-mail addresses of the people who may; everybody when empty.
    #[serde(default)]
    pub people: Vec<String>,
    /// Agents that others may use; every enabled one when empty.
    #[serde(default)]
    pub agents: Vec<AgentName>,
    /// The most that an agent may do without asking, in a job of somebody else.
    pub permission: PermissionLevel,
    /// How many jobs of others at once; none when as many as there are slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u32>,
    /// When, in words: `Mon-Fri 18:00-08:00`; none when always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// Whether it is such a time now, by the machine's own clock.
    pub open_now: bool,
}

/// How much an agent may do without asking.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PermissionLevel {
    /// Look at files.
    ReadOnly,
    /// Nothing that changes anything: all of that asks.
    #[default]
    Ask,
    /// Change files within the job's folder.
    AcceptEdits,
    /// Everything that the hard floor does not forbid.
    Trusted,
}

/// A pause or its end that a person asked for elsewhere than at the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PauseWish {
    /// Rises with each wish; the runner says in its syncs which it has carried out.
    pub revision: u64,
    /// The pause; none when it is to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<PauseTerms>,
    /// Who asked, by name.
    pub by: String,
}

/// How long to pause, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PauseTerms {
    /// For how long from now, in milliseconds; until resumed when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An assignment that the runner does not take, by its owner's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedAssignment {
    /// Which.
    pub attempt_id: AttemptId,
    /// Under which claim.
    pub fence: u64,
    /// Why.
    pub because: Refusal,
}
