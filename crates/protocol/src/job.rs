//! Jobs and attempts in the product's own words.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::AgentName,
    ids::{AttemptId, RunnerId},
    record::Usage,
    time::Timestamp,
};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Written down; nobody works on it.
    Backlog,
    /// May be taken by a runner.
    Ready,
    /// An attempt is under way.
    InProgress,
    /// A person decides about the result.
    AwaitingReview,
    /// Finished.
    Done,
    /// Given up after its attempts failed.
    Failed,
    /// Called off by a person.
    Cancelled,
}

impl JobState {
    /// Every state, in the order in which a job passes them.
    pub const ALL: [Self; 7] = [
        Self::Backlog,
        Self::Ready,
        Self::InProgress,
        Self::AwaitingReview,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backlog => "backlog",
            Self::Ready => "ready",
            Self::InProgress => "in_progress",
            Self::AwaitingReview => "awaiting_review",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing further happens to the job by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no known state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a job state")]
pub struct UnknownJobState(pub String);

impl FromStr for JobState {
    type Err = UnknownJobState;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownJobState(text.to_owned()))
    }
}

/// Who may take a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// Runners of the submitter's own account.
    #[default]
    My,
    /// Shared runners of members of the job's team.
    Team,
    /// Whichever is available first: the submitter's own, or shared.
    Any,
    /// The one that was chosen.
    Runner {
        /// Which.
        runner_id: RunnerId,
    },
}

/// How soon a job is taken, compared with others that wait.
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
pub enum Priority {
    /// When nothing else waits.
    Low,
    /// In its turn.
    #[default]
    Normal,
    /// Before ordinary jobs.
    High,
    /// Before all others.
    Urgent,
}

/// What a job works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobContext {
    /// A fresh folder under the runner's workspace directory.
    #[default]
    Local,
}

/// Why a Ready job waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Hold {
    /// Attachments are still being uploaded.
    UploadsPending,
    /// No runner can take it now; each that is in view says why.
    NoRunner {
        /// One entry a runner in view; empty when there is none.
        runners: Vec<RunnerRefusal>,
    },
    /// The chosen runner has been removed; another has to be chosen.
    RunnerGone,
    /// The submitter has as many jobs under way as their plan allows.
    ConcurrentJobs {
        /// How many that is.
        limit: u64,
    },
    /// The submitter has submitted as many jobs this month as their plan allows.
    MonthlyQuota {
        /// How many that is.
        limit: u64,
        /// When the count begins anew.
        until: Timestamp,
    },
    /// The workspace's owner has used up the storage of their plan.
    StorageQuota {
        /// How many bytes that is.
        limit: u64,
    },
    /// The submitter is no longer a member of the workspace.
    SubmitterGone,
}

/// Why one runner cannot take a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerRefusal {
    /// Which runner.
    pub runner_id: RunnerId,
    /// Its name.
    pub name: String,
    /// Why not.
    pub refusal: Refusal,
}

/// Why a runner cannot take a job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Refusal {
    /// The job's target does not include it.
    NotTheTarget,
    /// It belongs to somebody else and is not shared here.
    NotShared,
    /// It is disabled in this workspace.
    Disabled,
    /// It has not been heard of lately.
    Offline,
    /// Its owner has paused it.
    Paused,
    /// It finishes what it has and then stops.
    Draining,
    /// It does not have the agent, or the agent is switched off or not signed in.
    AgentUnavailable {
        /// The agent that the job asks for; none when any would do.
        agent: Option<AgentName>,
    },
    /// It does not support the job's context.
    ContextUnsupported,
    /// Its owner does not allow this use by others.
    NotConsented {
        /// What is not allowed.
        to: SharedUseLimit,
    },
    /// All its slots are in use.
    NoFreeSlot,
    /// It reports trouble of its own, such as a missing workspace directory.
    Unhealthy {
        /// In its own words.
        message: String,
    },
}

/// What of a runner's local policy for shared use stands against a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharedUseLimit {
    /// Others may not use it at all.
    Off,
    /// The submitter is not among the people who may.
    Person,
    /// The agent is not among those that others may use.
    Agent,
    /// It is not the time of day or week.
    Hours,
    /// Others use as much of it as they may.
    AtOnce,
}

/// Which step of an attempt is under way.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Handed out; the runner has not confirmed its lease.
    Assigned,
    /// Folder and inputs are made ready.
    Preparing,
    /// The agent works.
    Running,
    /// Between two tries, after a transient error.
    Retrying,
    /// Waits for the agent's quota, without a slot.
    Parked,
    /// The result is collected.
    Packaging,
    /// The result is handed over.
    Publishing,
    /// Nothing further happens.
    Ended,
}

impl Phase {
    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Preparing => "preparing",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Parked => "parked",
            Self::Packaging => "packaging",
            Self::Publishing => "publishing",
            Self::Ended => "ended",
        }
    }
}

/// How an attempt came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// The agent finished and its result was handed over.
    Succeeded,
    /// The agent ran and gave up or broke, or could not be started.
    Failed,
    /// A person called it off.
    Cancelled,
    /// The machine or the worker died under it.
    Interrupted,
    /// The runner went silent past its lease and the grace after it.
    Lost,
    /// Its runner was removed from the account under it.
    RunnerRemoved,
}

impl OutcomeKind {
    /// The word on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
            Self::RunnerRemoved => "runner_removed",
        }
    }
}

/// What kind of failure it was, which decides what happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Likely gone on another try: crash, network, overload, rate limit.
    Transient,
    /// The agent is not signed in, or its sign-in was refused.
    Auth,
    /// A quota is used up.
    Quota,
    /// A setting is wrong: unknown model, missing agent, bad arguments.
    Config,
    /// The agent itself says that it cannot do it.
    Permanent,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// What kind.
    pub class: FailureClass,
    /// What happened and why.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// When a quota that is used up is there again, where the agent says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Failure {
    /// A failure of a class, without a hint.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            hint: None,
            until: None,
        }
    }

    /// The failure, with what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// How an earlier attempt at a job ended, for the agent that goes on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EarlierAttempt {
    /// Which.
    pub attempt_id: AttemptId,
    /// Its number, from 1.
    pub number: u32,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// The agent that worked on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// Why it failed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Its agent's last words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What a person said to it when the job was sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}

/// The end of an attempt, with what is needed to check that nothing is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// How it ended.
    pub kind: OutcomeKind,
    /// Why it failed, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The agent's last words, as the result's summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Tokens and cost, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Number of the log's last entry; 0 when there is none.
    pub log_last: u64,
    /// SHA-256 over the log's lines, see [`crate::record::log_line`].
    pub log_sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_from_its_word() {
        for state in JobState::ALL {
            assert_eq!(state.as_str().parse::<JobState>().unwrap(), state);
            assert_eq!(
                serde_json::to_string(&state).unwrap(),
                format!("\"{state}\"")
            );
        }
    }
}
