//! Live events: they say what changed, not the data; the reader fetches anew.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{AttemptId, JobId, RunnerId};

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// A job, its attempts, its approvals or its questions.
    Job {
        /// Which.
        job_id: JobId,
    },
    /// The log of an attempt grew.
    Log {
        /// Of which job.
        job_id: JobId,
        /// Of which attempt.
        attempt_id: AttemptId,
        /// Number of its last entry.
        last: u64,
    },
    /// A runner's state, jobs or capabilities.
    Runner {
        /// Which.
        runner_id: RunnerId,
    },
    /// More jobs than are named one by one.
    Jobs,
    /// More logs than are named one by one.
    Logs,
    /// More runners than are named one by one.
    Runners,
    /// Members, invitations, or the workspace itself.
    Workspace,
    /// What the reader is told in the app.
    Notifications,
    /// Something was missed; fetch everything anew.
    Everything,
}

/// One message of the live stream of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveEvent {
    /// What changed.
    pub change: Change,
}
