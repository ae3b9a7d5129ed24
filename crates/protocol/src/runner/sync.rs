//! The sync: everything that the runner holds, answered with everything it should do.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::{AgentName, Capabilities},
    api::PersonRef,
    approval::{AnsweredBy, ApprovalAnswer},
    ids::{
        AccountId, ApprovalId, AttemptId, BootId, JobId, OrderId, QuestionId, RequestId,
        WorkspaceId,
    },
    job::{EarlierAttempt, JobContext, Phase},
    question::QuestionAnswer,
    runner::{PauseWish, RefusedAssignment, SharedUse},
    time::Timestamp,
};

/// How many attempts a runner takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Slots {
    /// As its owner set it.
    pub total: u32,
    /// Not in use now.
    pub free: u32,
}

/// The owner wants no new work for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    /// Since when, on the runner's clock.
    pub since: Timestamp,
    /// When it ends by itself, on the runner's clock; none when by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who paused it from elsewhere, by name; nobody when it was done at the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Something on the machine that keeps the runner from taking work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trouble {
    /// For programs: `workspace_missing`, `workspace_unwritable`, `disk_low`, …
    pub code: String,
    /// What is wrong, why, and what to do.
    pub message: String,
}

/// One attempt as the runner holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldAttempt {
    /// Which.
    pub attempt_id: AttemptId,
    /// The claim that the runner believes it holds.
    pub fence: u64,
    /// Which step is under way; `assigned` until a sync's answer has confirmed the lease.
    pub phase: Phase,
    /// Time since its worker last answered, in milliseconds; a lease is renewed only while this is short.
    pub worker_answered_ms_ago: u64,
}

/// `POST sync`. Numbered by (`boot_number`, `seq`): an older one gets `stale_sync` and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncRequest {
    /// The protocol version that the runner speaks in this call.
    pub protocol: u32,
    /// This start of the service.
    pub boot_id: BootId,
    /// Counts the service's starts on this data directory.
    pub boot_number: u64,
    /// Rises with every sync of this start.
    pub seq: u64,
    /// Names the call in logs.
    pub request_id: RequestId,
    /// How long the coordinator may hold the call open, in milliseconds; 0 asks for an answer at once.
    pub hold_ms: u64,
    /// Capacity.
    pub slots: Slots,
    /// Digest of the runner's capabilities.
    pub capabilities_digest: String,
    /// The capabilities themselves: at the first sync, after a change, and when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// Set while the runner is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// Whether the runner finishes what it has and then stops.
    #[serde(default)]
    pub draining: bool,
    /// What keeps the runner from taking work.
    #[serde(default)]
    pub troubles: Vec<Trouble>,
    /// What its owner allows others to do with it; a runner that does not say allows nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_use: Option<SharedUse>,
    /// The newest wish for a pause that it has carried out.
    #[serde(default)]
    pub pause_revision: u64,
    /// Every attempt that the runner holds, without exception.
    pub held: Vec<HeldAttempt>,
    /// Assignments that it does not take.
    #[serde(default)]
    pub refused: Vec<RefusedAssignment>,
    /// Orders that the runner has written down; the call is not cut short for these.
    #[serde(default)]
    pub orders_kept: Vec<OrderId>,
}

/// A lease that this sync renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaseGrant {
    /// For which attempt.
    pub attempt_id: AttemptId,
    /// Under which claim.
    pub fence: u64,
    /// How long, in milliseconds from the sending of the sync.
    pub lease_ms: u64,
}

/// Why an attempt has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Another claim has replaced this one.
    FenceMovedOn,
    /// The job was cancelled, and its deadline has passed.
    Cancelled,
    /// The outcome has been accepted already; there is nothing left to do.
    Finished,
    /// The coordinator does not know the attempt.
    Unknown,
}

/// An attempt that is not, or no longer, this runner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopAttempt {
    /// Which.
    pub attempt_id: AttemptId,
    /// Why.
    pub reason: StopReason,
}

/// A file that the job brings along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Input {
    /// Its file name; fetched by `GET attempts/{id}/inputs/{name}`.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// One round of work, handed to a runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assignment {
    /// Which attempt.
    pub attempt_id: AttemptId,
    /// Which claim.
    pub fence: u64,
    /// Of which job.
    pub job_id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// The workspace's name.
    pub workspace: String,
    /// The job's number in its workspace.
    pub job_number: u64,
    /// The attempt's number, from 1.
    pub attempt_number: u32,
    /// The job's title.
    pub title: String,
    /// What is to be done.
    pub instructions: String,
    /// What the job works on.
    pub context: JobContext,
    /// The agent that the job asks for; the runner chooses when it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// Files that the job brings along.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Where people see the job.
    pub url: String,
    /// Who submitted the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitter: Option<PersonRef>,
    /// Whether the submitter is somebody else than the runner's owner.
    #[serde(default)]
    pub shared: bool,
    /// The model that the job asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Arguments for the agent that the job asks for; the runner's owner decides about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_arguments: Vec<String>,
    /// What holds for every job of the workspace, in its people's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_rules: Option<String>,
    /// How earlier attempts ended, oldest first; the last of them where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierAttempt>,
}

/// What the coordinator asks the runner to do with an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OrderKind {
    /// End it.
    Cancel {
        /// Time that is left to do so, in milliseconds.
        deadline_ms: u64,
        /// Who asked.
        by: String,
    },
    /// A person answered an approval.
    AnswerApproval {
        /// Which.
        approval_id: ApprovalId,
        /// The answer.
        answer: ApprovalAnswer,
        /// Who answered, and where.
        by: AnsweredBy,
        /// Whose account it was; only the runner's owner may allow something always.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account_id: Option<AccountId>,
    },
    /// A person answered a question.
    AnswerQuestion {
        /// Which.
        question_id: QuestionId,
        /// The answer.
        answer: QuestionAnswer,
        /// Who answered, and where.
        by: AnsweredBy,
    },
}

/// An order; it comes with every answer until its effect is in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// Which.
    pub id: OrderId,
    /// For which attempt.
    pub attempt_id: AttemptId,
    /// What.
    pub order: OrderKind,
}

/// What the coordinator keeps for the runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerSettings {
    /// The runner's name, which its owner may change in the web app.
    pub name: String,
    /// A pause or its end that the runner has not carried out yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_wish: Option<PauseWish>,
}

/// The answer to a sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncResponse {
    /// Leases that this sync renewed.
    pub leases: Vec<LeaseGrant>,
    /// Attempts to stop.
    pub stop: Vec<StopAttempt>,
    /// Assignments that no sync has listed yet.
    pub assignments: Vec<Assignment>,
    /// Orders whose effect is not in the record yet.
    pub orders: Vec<Order>,
    /// Whether the next sync should bring the capabilities in full.
    pub send_capabilities: bool,
    /// What the coordinator keeps for the runner.
    pub settings: RunnerSettings,
    /// The coordinator's clock.
    pub now: Timestamp,
}
