//! Runners, as a workspace sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::{AgentName, Capabilities},
    api::{account::PersonRef, job::TeamChange},
    ids::{AttemptId, JobId, RunnerId},
    job::{OutcomeKind, RunnerRefusal, Target},
    runner::{Pause, PauseWish, SharedUse, Slots, Trouble},
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

/// A runner, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerRef {
    /// Which.
    pub id: RunnerId,
    /// Its short id, for people.
    pub short_id: String,
    /// Its name.
    pub name: String,
}

/// Who beside its owner may use a runner, in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Only its owner's jobs.
    #[default]
    Private,
    /// Jobs of other members too.
    Shared,
}

/// That a runner takes no new job in one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disabled {
    /// Who disabled it, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What a person may want to do with a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunnerAction {
    /// Give it another name, everywhere.
    Rename,
    /// Make it available to the other members of this workspace.
    Share,
    /// End its sharing in this workspace.
    Unshare,
    /// Give it no new job of this workspace.
    Disable,
    /// Give it jobs of this workspace again.
    Enable,
    /// Give it no new job for a while, everywhere.
    Pause,
    /// End its pause.
    Resume,
    /// Deregister it everywhere.
    Remove,
}

/// Whether the reader may do something with a runner now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerOption {
    /// What.
    pub action: RunnerAction,
    /// Why not, for a person; none when it can be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
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
    /// Number of the attempt, once the runner has confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_number: Option<u32>,
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
    /// Who beside its owner may use it in this workspace.
    pub sharing: Sharing,
    /// Set while it is disabled in this workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
    /// What its owner allows others to do with it; the runner itself enforces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_use: Option<SharedUse>,
    /// What the reader may do with it, the impossible with the reason.
    pub options: Vec<RunnerOption>,
    /// Set while it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// A pause or its end that was asked for from afar, until the runner has carried it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_wish: Option<PauseWish>,
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

/// An attempt in a runner's history; its job's title only when the reader may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastAttempt {
    /// Which.
    pub attempt_id: AttemptId,
    /// Of which job.
    pub job_id: JobId,
    /// The job's number.
    pub job_number: u64,
    /// The job's title.
    pub job_title: String,
    /// The attempt's number.
    pub attempt_number: u32,
    /// The agent that worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// When it was confirmed.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeKind>,
}

/// `GET …/runners/{runner}/history`: attempts for this workspace, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerHistory {
    /// The attempts.
    pub attempts: Vec<PastAttempt>,
    /// Ask for the next page with `before` set to this; none when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<AttemptId>,
}

/// Something that happened to a runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerMoment {
    /// When.
    pub at: Timestamp,
    /// What: `registered`, `connected`, `went_offline`, `paused`, `resumed`, `version_changed`, `renamed`, `shared`, `disabled`, …
    pub kind: String,
    /// In one line.
    pub text: String,
}

/// `GET …/runners/{runner}/timeline`: newest first, of the last 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerTimeline {
    /// What happened.
    pub moments: Vec<RunnerMoment>,
}

/// How busy a runner was in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HourOfUse {
    /// When the hour begins.
    pub at: Timestamp,
    /// How much of its slots' time it worked, in percent.
    pub busy_percent: u8,
}

/// `GET …/runners/{runner}/use`: the last seven days, oldest hour first; the last is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerUse {
    /// Every hour of them.
    pub hours: Vec<HourOfUse>,
}

/// `PATCH /api/v1/runners/{runner}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerUpdate {
    /// The new name.
    pub name: String,
}

/// `PUT /api/v1/workspaces/{workspace}/runners/{runner}/sharing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharingChange {
    /// Who beside its owner may use it here.
    pub sharing: Sharing,
}

/// `POST /api/v1/workspaces/{workspace}/runners/{runner}/disable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DisableRequest {
    /// Why; shown to everybody in the workspace.
    pub reason: String,
}

/// `POST /api/v1/runners/{runner}/pause`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PauseRequest {
    /// For how long, in milliseconds; until somebody resumes it when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A runner of the reader, wherever it is in view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnRunner {
    /// Which.
    pub runner: RunnerRef,
    /// Whether it is heard of.
    pub state: RunnerState,
    /// Workspaces in which it is shared.
    pub shared_in: Vec<crate::api::WorkspaceRef>,
    /// When it was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_heartbeat_at: Option<Timestamp>,
    /// When it was removed; it can be explained and registered again for 90 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
}

/// `GET /api/v1/account/runners`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnRunnerList {
    /// By name, removed ones last.
    pub runners: Vec<OwnRunner>,
}

/// Asks which runners could take a job that is not submitted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetPreviewRequest {
    /// Who may take it.
    pub target: Target,
    /// The agent that it would ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// Who would be in its team, beside the submitter.
    #[serde(default)]
    pub team: Vec<TeamChange>,
}

/// Which runners could take it, and for each that cannot, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetPreview {
    /// Those that could take it now, by name.
    pub can_take: Vec<RunnerRef>,
    /// Those that cannot.
    pub cannot_take: Vec<RunnerRefusal>,
}
