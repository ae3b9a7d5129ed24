//! Jobs, attempts, and what people answer to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::AgentName,
    api::account::PersonRef,
    approval::{AnsweredBy, Approval, Decision},
    ids::{AccountId, ArtifactId, AttachmentId, AttemptId, JobId, RunnerId, WorkspaceId},
    job::{Hold, JobContext, JobState, Outcome, OutcomeKind, Phase, Priority, Target},
    question::{ItemAnswer, Question},
    record::{EventEntry, LogEntry, TurnUsage, Usage},
    time::Timestamp,
};

/// A new job; it begins in Backlog, so that attachments can follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewJob {
    /// One line.
    pub title: String,
    /// What is to be done.
    pub instructions: String,
    /// What the job works on.
    #[serde(default)]
    pub context: JobContext,
    /// Who may take it.
    #[serde(default)]
    pub target: Target,
    /// The agent that should do it; any, when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// The model that the agent should use; its own choice, when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Arguments for the agent's program, where the runner's owner lets jobs bring some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_arguments: Vec<String>,
    /// How soon it is taken, compared with other jobs.
    #[serde(default)]
    pub priority: Priority,
    /// How long an attempt may take, in seconds; then it fails, whatever its runner says.
    /// The coordinator's own default when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_s: Option<u64>,
    /// Who works on it beside the submitter, who leads.
    #[serde(default)]
    pub team: Vec<TeamChange>,
    /// Whether it becomes Ready at once.
    #[serde(default)]
    pub ready: bool,
}

/// `POST /api/v1/jobs/{id}/retry`: one more attempt at a job that is over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetryRequest {
    /// What the next attempt is to hear about the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}

/// `PATCH /api/v1/jobs/{id}`: what is left out stays.
///
/// Title and instructions can be changed in Backlog; target, agent and priority until an attempt begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobUpdate {
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Who may take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The agent that should do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// Whether any agent will do; wins over `agent`.
    #[serde(default)]
    pub any_agent: bool,
    /// How soon it is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The model that the agent should use; empty for its own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Arguments for the agent's program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_arguments: Option<Vec<String>>,
}

/// What a member of a job's team may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TeamRole {
    /// Edit, team, cancel, and all that editors may.
    Lead,
    /// Answer questions and approvals, add attachments, start it.
    Editor,
    /// Read.
    Viewer,
}

/// Puts a member of the workspace into a job's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamChange {
    /// Who.
    pub account_id: AccountId,
    /// What they may do.
    pub role: TeamRole,
}

/// `PUT /api/v1/jobs/{id}/team/{account}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamRoleChange {
    /// What they may do.
    pub role: TeamRole,
}

/// A member of a job's team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamMember {
    /// Who.
    pub person: PersonRef,
    /// What they may do.
    pub role: TeamRole,
}

/// What the reader may do with a job, whatever its state.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRights {
    /// Change it, its target, its priority and its files.
    pub edit: bool,
    /// Change its team.
    pub change_team: bool,
    /// Make it Ready.
    pub start: bool,
    /// Cancel it.
    pub cancel: bool,
    /// Answer its approvals and questions.
    pub answer: bool,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobSummary {
    /// Which.
    pub id: JobId,
    /// Its number in the workspace.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Where it stands.
    pub state: JobState,
    /// How soon it is taken, compared with other jobs.
    pub priority: Priority,
    /// The agent: the one at work, else the one asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// The runner of the newest attempt, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// How many approvals and questions wait for an answer.
    pub needs_you: u32,
    /// Who submitted it.
    pub created_by: PersonRef,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it last changed its state.
    pub updated_at: Timestamp,
}

/// A page of jobs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<JobSummary>,
    /// Ask for the next page with `before` set to this; none when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<JobId>,
    /// How many jobs there are on all pages; only told when `offset` was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// A file given to a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentView {
    /// Which.
    pub id: AttachmentId,
    /// Its file name.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// A file that an attempt handed back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactView {
    /// Which.
    pub id: ArtifactId,
    /// Of which attempt.
    pub attempt_number: u32,
    /// Path within the output folder.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// One round of work on a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    /// Which.
    pub id: AttemptId,
    /// From 1.
    pub number: u32,
    /// Which step is under way.
    pub state: Phase,
    /// How it ended, once it has.
    pub outcome: Option<OutcomeKind>,
    /// How it ended, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_detail: Option<Outcome>,
    /// The runner's name.
    pub runner: String,
    /// The runner.
    pub runner_id: RunnerId,
    /// The agent at work, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// When the runner confirmed it.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Whether its runner has not been heard of for longer than it should.
    pub unreachable: bool,
    /// Number of the last event that is kept.
    pub events_last: u64,
    /// Number of the last log entry that is kept.
    pub log_last: u64,
    /// What people said to it when they wanted one more attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
    /// Until when it waits, while it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<ParkedView>,
    /// Tokens and cost so far, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The same for each turn of its agent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<TurnUsage>,
}

/// Until when a parked attempt waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedView {
    /// When its agent may work again.
    pub until: Timestamp,
    /// Why it waits.
    pub reason: String,
}

/// A job, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Which.
    pub id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Its number in the workspace.
    pub number: u64,
    /// One line.
    pub title: String,
    /// What is to be done.
    pub instructions: String,
    /// Where it stands.
    pub state: JobState,
    /// Why a Ready job waits; none when it does not.
    pub hold: Option<Hold>,
    /// What it works on.
    pub context: JobContext,
    /// Who may take it.
    pub target: Target,
    /// The agent that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// The model that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Arguments for the agent that it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_arguments: Vec<String>,
    /// How soon it is taken, compared with other jobs.
    pub priority: Priority,
    /// How long an attempt may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_s: Option<u64>,
    /// Who works on it: the submitter first, then by name.
    pub team: Vec<TeamMember>,
    /// What the reader may do with it.
    pub rights: JobRights,
    /// Who submitted it.
    pub created_by: PersonRef,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it last changed its state.
    pub updated_at: Timestamp,
    /// Set when somebody asked to cancel it and it has not ended yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_requested_at: Option<Timestamp>,
    /// Its attempts, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Files given to it.
    pub attachments: Vec<AttachmentView>,
    /// Files that its attempts handed back.
    pub artifacts: Vec<ArtifactView>,
    /// Approvals of the attempt under way, newest first.
    pub approvals: Vec<ApprovalView>,
    /// Questions of the attempt under way, newest first.
    pub questions: Vec<QuestionView>,
}

/// How far the answer to an approval or a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
    /// Nobody has answered.
    Waiting,
    /// An answer is on its way to the runner.
    Sent,
    /// An answer has been applied.
    Settled,
    /// No answer is needed any more.
    Withdrawn,
}

/// An approval, with its job and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalView {
    /// Of which job.
    pub job_id: JobId,
    /// The job's number.
    pub job_number: u64,
    /// The job's title.
    pub job_title: String,
    /// What is asked.
    pub approval: Approval,
    /// How far the answer is.
    pub status: AnswerStatus,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Who decided, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AnsweredBy>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// Whose the machine is: only its owner may allow something always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
}

/// A question, with its job and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuestionView {
    /// Of which job.
    pub job_id: JobId,
    /// The job's number.
    pub job_number: u64,
    /// The job's title.
    pub job_title: String,
    /// What is asked.
    pub question: Question,
    /// How far the answer is.
    pub status: AnswerStatus,
    /// What was answered.
    #[serde(default)]
    pub answers: Vec<ItemAnswer>,
    /// Who answered, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AnsweredBy>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
}

/// Everything in a workspace that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingList {
    /// Approvals, oldest first.
    pub approvals: Vec<ApprovalView>,
    /// Questions, oldest first.
    pub questions: Vec<QuestionView>,
}

/// Events of an attempt, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// The entries.
    pub entries: Vec<EventEntry>,
    /// Number of the last event that is kept.
    pub last: u64,
}

/// Log entries that hold what was looked for, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogMatches {
    /// The entries.
    pub matches: Vec<LogEntry>,
    /// Number of the last entry that was looked at; another search goes on after it.
    pub reached: u64,
    /// Number of the last entry that is kept.
    pub last: u64,
    /// Whether the attempt has ended and `last` will not grow.
    pub complete: bool,
}

/// Log entries of an attempt, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// Number of the last entry that is kept.
    pub last: u64,
    /// Whether the attempt has ended and `last` will not grow.
    pub complete: bool,
}
