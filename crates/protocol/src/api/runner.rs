//! Runners, as a workspace sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::{AgentName, Capabilities},
    api::account::PersonRef,
    ids::{JobId, RunnerId},
    job::{RunnerRefusal, Target},
    runner::{Pause, Slots, Trouble},
    time::Timestamp,
};

/// Whether a runner is heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunnerState {
    /// Heard of lately.
    Online,
    /// Not heard of for longer than it should.
    Offline,
    /// Registered, and never heard of.
    NeverConnected,
}

/// Whether a runner works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// No attempt is under way.
    Idle,
    /// At least one is.
    Active,
}

/// A job that a runner works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrentJob {
    /// Which.
    pub job_id: JobId,
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
}

/// A runner, as a member of a workspace sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerView {
    /// Which.
    pub id: RunnerId,
    /// Its short id, for people.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: PersonRef,
    /// Whether it is heard of.
    pub state: RunnerState,
    /// Whether it works.
    pub activity: Activity,
    /// Set while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// Whether it finishes what it has and then stops.
    pub draining: bool,
    /// Capacity, as it last said.
    pub slots: Slots,
    /// What it can do, once it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// What keeps it from taking work.
    pub troubles: Vec<Trouble>,
    /// Its jobs of this workspace that are under way.
    pub current_jobs: Vec<CurrentJob>,
    /// How many attempts it has had, over all workspaces.
    pub lifetime_attempts: u64,
    /// When it was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_heartbeat_at: Option<Timestamp>,
    /// When it was first registered.
    pub registered_at: Timestamp,
}

/// The runners in view of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerList {
    /// By name.
    pub runners: Vec<RunnerView>,
}

/// Asks which runners could take a job that is not submitted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetPreviewRequest {
    /// Who may take it.
    pub target: Target,
    /// The agent that it would ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
}

/// Which runners could take it, and for each that cannot, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetPreview {
    /// Names of those that could take it now.
    pub can_take: Vec<String>,
    /// Those that cannot.
    pub cannot_take: Vec<RunnerRefusal>,
}
