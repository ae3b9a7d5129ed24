//! How the service talks to a worker: one line of JSON a message, over a socket.
//!
//! The worker says its whole status first, and again whenever it changes; the
//! service asks by number and gets a reply under the same number.

mod client;
mod server;
mod socket;

use control::state::SettledAsk;
use protocol::{
    agent::AgentName,
    approval::{AnsweredBy, Approval, ApprovalAnswer},
    error::Problem,
    ids::{ApprovalId, QuestionId},
    job::Phase,
    question::{Question, QuestionAnswer},
    rule::PermissionRule,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

pub(crate) use client::{Link, LinkError};
pub(crate) use server::{Asked, Server};
pub(crate) use socket::{Address, remove};

/// Longest line on the socket, in bytes; larger approvals are refused before.
const LINE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What the service wants of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// A sign of life of the loop that drives the agent.
    Ping,
    /// Applies an answer to an approval, if none was applied before.
    AnswerApproval {
        /// Which.
        approval_id: ApprovalId,
        /// The answer.
        answer: ApprovalAnswer,
        /// Who answered, and where.
        by: AnsweredBy,
        /// The rule that was made of it, with `allow_always`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Box<PermissionRule>>,
    },
    /// Takes in what the owner allows always, as a whole.
    Rules {
        /// Every rule that there is now.
        rules: Vec<PermissionRule>,
    },
    /// Applies an answer to a question, if none was applied before.
    AnswerQuestion {
        /// Which.
        question_id: QuestionId,
        /// The answer.
        answer: QuestionAnswer,
        /// Who answered, and where.
        by: AnsweredBy,
    },
    /// A parked attempt whose time has come gets a slot.
    GoOn,
    /// Ends the agent; the attempt is then cancelled or interrupted.
    End {
        /// Why.
        why: EndReason,
    },
}

/// Why a worker is told to end its agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub(crate) enum EndReason {
    /// A person called the job off.
    Cancelled {
        /// Who.
        by: String,
    },
    /// The service was told to stop at once.
    ServiceStopped,
    /// The attempt is not this runner's any more.
    NotOurs {
        /// In words.
        because: String,
    },
}

/// A numbered question of the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Call {
    id: u64,
    #[serde(flatten)]
    ask: Ask,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
enum Say {
    /// How it stands now.
    Status {
        /// Whole.
        status: Box<WorkerStatus>,
    },
    /// An answer to a call.
    Reply {
        /// Which call.
        id: u64,
        /// Set when it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<Problem>,
    },
}

/// What a parked attempt waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parked {
    /// When its agent may work again.
    pub(crate) until: Timestamp,
    /// Why it waits.
    pub(crate) reason: String,
    /// Whether that time has come, and only a slot is missing.
    pub(crate) due: bool,
}

/// How a worker stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorkerStatus {
    /// Which step is under way.
    pub(crate) phase: Phase,
    /// The agent at work.
    pub(crate) agent: AgentName,
    /// What happened last, in one line.
    pub(crate) last_action: Option<String>,
    /// Number of the last event on disk.
    pub(crate) events: u64,
    /// Number of the last log entry on disk.
    pub(crate) log: u64,
    /// Approvals that wait, oldest first.
    pub(crate) approvals: Vec<Approval>,
    /// Questions that wait, oldest first.
    pub(crate) questions: Vec<Question>,
    /// What was answered lately, and by whom, oldest first.
    #[serde(default)]
    pub(crate) settled: Vec<SettledAsk>,
    /// Whether it has been told to end.
    pub(crate) ending: bool,
    /// What it waits for, while it is parked.
    #[serde(default)]
    pub(crate) parked: Option<Parked>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_reads_back_from_its_line() {
        let call = Call {
            id: 7,
            ask: Ask::End {
                why: EndReason::Cancelled {
                    by: "Ada".to_owned(),
                },
            },
        };
        let line = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<Call>(&line).unwrap(), call);
    }
}
