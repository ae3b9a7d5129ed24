//! Requests to the service, and its replies.

use protocol::{
    agent::AgentName,
    approval::{ApprovalAnswer, Surface},
    error::Problem,
    ids::{ApprovalId, AttemptId, QuestionId, RuleId},
    question::QuestionAnswer,
    record::{EventEntry, LogEntry},
    rule::{PermissionRule, RuleDraft},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::state::{
    AgentTest, AttemptSummary, ConfigPatch, CustomAgent, DirectoryCheck, ServerCheck, ServiceState,
};

/// Longest line in either direction.
pub const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a face asks of the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// The state, once.
    State,
    /// The state now, and every new one as it comes, until the connection closes.
    Watch,
    /// Begins a sign-in; the code stands in the state.
    SignIn,
    /// The data directory was moved, not copied: the same runner goes on here.
    Moved,
    /// Breaks off a sign-in.
    CancelSignIn,
    /// Ends this machine's registration in the coordinator and forgets its tokens.
    SignOut,
    /// Takes no new work.
    Pause {
        /// For how long, in milliseconds; until resumed when none.
        for_ms: Option<u64>,
        /// Why.
        note: Option<String>,
    },
    /// Ends a pause or a drain.
    Resume,
    /// Ends the service.
    Stop {
        /// Whether agents are ended now; else they finish first.
        now: bool,
    },
    /// Looks for agents and tools again.
    Rescan,
    /// Changes settings; they apply at once.
    Configure {
        /// What to change.
        patch: ConfigPatch,
    },
    /// Looks whether a directory would do as the workspace directory.
    CheckDirectory {
        /// Which.
        path: String,
    },
    /// Looks whether a coordinator answers at an address.
    CheckServer {
        /// Which.
        url: String,
    },
    /// Starts an agent of the owner's own, hears what it says of itself, and ends it;
    /// nothing is kept of it.
    TestAgent {
        /// Its short name.
        name: AgentName,
        /// What it is; as the settings say when none.
        custom: Option<CustomAgent>,
    },
    /// Answers an approval of an attempt on this machine.
    AnswerApproval {
        /// Which.
        approval_id: ApprovalId,
        /// The answer.
        answer: ApprovalAnswer,
        /// Where it was given.
        surface: Surface,
    },
    /// Answers a question of an attempt on this machine.
    AnswerQuestion {
        /// Which.
        question_id: QuestionId,
        /// The answer.
        answer: QuestionAnswer,
        /// Where it was given.
        surface: Surface,
    },
    /// Allows something always, on this machine.
    AddRule {
        /// The rule.
        rule: RuleDraft,
    },
    /// Ends a rule at once.
    RevokeRule {
        /// Which.
        rule_id: RuleId,
    },
    /// Ends one attempt; its job is cancelled.
    CancelAttempt {
        /// Which.
        attempt_id: AttemptId,
    },
    /// Attempts that ended on this machine, newest first.
    History {
        /// At most this many.
        limit: u32,
    },
    /// Log entries of an attempt on this machine.
    ReadLog {
        /// Which.
        attempt_id: AttemptId,
        /// After this number; 0 for the beginning.
        after: u64,
        /// At most this many.
        limit: u32,
        /// How long to wait for the first one, in milliseconds.
        wait_ms: u64,
    },
    /// Events of an attempt on this machine.
    ReadEvents {
        /// Which.
        attempt_id: AttemptId,
        /// After this number; 0 for the beginning.
        after: u64,
        /// At most this many.
        limit: u32,
        /// How long to wait for the first one, in milliseconds.
        wait_ms: u64,
    },
}

/// What the service replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Done, or begun.
    Done,
    /// The state.
    State {
        /// Whole.
        state: Box<ServiceState>,
    },
    /// What a look at a directory found.
    Directory {
        /// The findings.
        check: DirectoryCheck,
    },
    /// What a look at a coordinator found.
    Server {
        /// The findings.
        check: ServerCheck,
    },
    /// What an agent said of itself.
    AgentTest {
        /// The findings.
        test: Box<AgentTest>,
    },
    /// A rule that was made.
    Rule {
        /// As it is kept.
        rule: PermissionRule,
    },
    /// Ended attempts.
    History {
        /// Newest first.
        attempts: Vec<AttemptSummary>,
    },
    /// Log entries.
    Log {
        /// In order.
        entries: Vec<LogEntry>,
        /// Whether no further entry will come after these.
        complete: bool,
    },
    /// Events.
    Events {
        /// In order.
        entries: Vec<EventEntry>,
        /// Whether no further entry will come after these.
        complete: bool,
    },
    /// Refused, and why.
    Refused {
        /// What and why.
        problem: Problem,
    },
}

/// A request as one line on the socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Names the call; its replies carry the same number.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
}

/// A reply as one line on the socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The call that it answers.
    pub id: u64,
    /// What is replied.
    #[serde(flatten)]
    pub reply: Reply,
}
