//! Events: what happens in an attempt, whichever agent does the work.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::AgentName,
    approval::{AnsweredBy, Approval, Decision},
    ids::{ApprovalId, QuestionId},
    job::{FailureClass, Outcome, Phase},
    question::{ItemAnswer, Question},
    time::Timestamp,
};

/// What kind of tool an agent uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// Reads files.
    Read,
    /// Writes or changes files.
    Edit,
    /// Deletes files.
    Delete,
    /// Runs a command.
    Run,
    /// Searches.
    Search,
    /// Fetches from the network.
    Fetch,
    /// Anything else.
    Other,
}

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    /// It did what it should.
    Completed,
    /// It failed.
    Failed,
    /// It was not allowed.
    Declined,
    /// It was broken off.
    Cancelled,
}

/// How far a step of a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Finished.
    Completed,
}

/// One step of an agent's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanItem {
    /// What is to be done.
    pub text: String,
    /// How far it is.
    pub status: PlanStatus,
}

/// Tokens and cost; every number is a total, not a difference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Tokens read by the model.
    #[serde(default)]
    pub input_tokens: u64,
    /// Tokens read from the model's cache; not among those of `input_tokens`.
    #[serde(default)]
    pub cached_tokens: u64,
    /// Tokens written into the model's cache; not among those of `input_tokens`.
    #[serde(default)]
    pub cache_write_tokens: u64,
    /// Tokens written by the model, with what it thought.
    #[serde(default)]
    pub output_tokens: u64,
    /// How many of `output_tokens` were for thinking, where the agent says so.
    #[serde(default)]
    pub reasoning_tokens: u64,
    /// Cost in US dollars at list price, where the agent says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Adds what `more` says; a cost that is not known adds nothing.
    pub fn add(&mut self, more: &Self) {
        let sum = |one: &mut u64, other: u64| *one = one.saturating_add(other);
        sum(&mut self.input_tokens, more.input_tokens);
        sum(&mut self.cached_tokens, more.cached_tokens);
        sum(&mut self.cache_write_tokens, more.cache_write_tokens);
        sum(&mut self.output_tokens, more.output_tokens);
        sum(&mut self.reasoning_tokens, more.reasoning_tokens);
        if let Some(cost) = more.cost_usd {
            self.cost_usd = Some(self.cost_usd.unwrap_or_default() + cost);
        }
    }

    /// What is more in this than in `earlier`, a smaller total of the same.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_sub(earlier.input_tokens),
            cached_tokens: self.cached_tokens.saturating_sub(earlier.cached_tokens),
            cache_write_tokens: self
                .cache_write_tokens
                .saturating_sub(earlier.cache_write_tokens),
            output_tokens: self.output_tokens.saturating_sub(earlier.output_tokens),
            reasoning_tokens: self
                .reasoning_tokens
                .saturating_sub(earlier.reasoning_tokens),
            cost_usd: self
                .cost_usd
                .map(|cost| (cost - earlier.cost_usd.unwrap_or_default()).max(0.0)),
        }
    }

    /// Tokens of every kind, each counted once.
    pub const fn tokens(&self) -> u64 {
        self.input_tokens
            .saturating_add(self.cached_tokens)
            .saturating_add(self.cache_write_tokens)
            .saturating_add(self.output_tokens)
    }
}

/// What one turn of an agent has used so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TurnUsage {
    /// The turn within its attempt, from 1.
    pub turn: u32,
    /// Its own part of what the attempt used.
    pub usage: Usage,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something is not as it should be; work goes on.
    Warning,
    /// Something broke.
    Error,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A step of the attempt began.
    PhaseChanged {
        /// Which.
        phase: Phase,
    },
    /// An agent's session began or was taken up again.
    SessionStarted {
        /// Which agent.
        agent: AgentName,
        /// Its version.
        version: Option<String>,
        /// The session's own id, by which the agent can take it up again.
        session: Option<String>,
        /// The model, where the agent says so.
        model: Option<String>,
        /// Whether it goes on with an earlier session.
        resumed: bool,
    },
    /// A tool call began.
    ToolStarted {
        /// Names the call within the attempt.
        tool_call: String,
        /// What kind of tool.
        kind: ToolKind,
        /// One line for a person.
        title: String,
        /// Command, path or input, where there is more to say.
        detail: Option<String>,
    },
    /// A tool call ended.
    ToolEnded {
        /// Names the call within the attempt.
        tool_call: String,
        /// How.
        status: ToolStatus,
        /// What came of it, shortened.
        result: Option<String>,
    },
    /// The agent asks for permission.
    ApprovalRequested {
        /// What is asked.
        approval: Approval,
    },
    /// An approval was answered, and the answer applied.
    ApprovalSettled {
        /// Which.
        approval_id: ApprovalId,
        /// What was decided.
        decision: Decision,
        /// Who decided, and where.
        by: AnsweredBy,
        /// Words for the agent, with a denial.
        note: Option<String>,
    },
    /// An approval needs no answer any more.
    ApprovalWithdrawn {
        /// Which.
        approval_id: ApprovalId,
        /// Why.
        reason: String,
    },
    /// The agent asks a person.
    QuestionAsked {
        /// What is asked.
        question: Question,
    },
    /// A question was answered, and the answer handed to the agent.
    QuestionSettled {
        /// Which.
        question_id: QuestionId,
        /// What was answered.
        answers: Vec<ItemAnswer>,
        /// Who answered, and where.
        by: AnsweredBy,
    },
    /// A question needs no answer any more.
    QuestionWithdrawn {
        /// Which.
        question_id: QuestionId,
        /// Why.
        reason: String,
    },
    /// The agent's plan, as a whole.
    PlanUpdated {
        /// Its steps.
        items: Vec<PlanItem>,
    },
    /// Tokens and cost so far.
    UsageReported {
        /// Of the attempt.
        usage: Usage,
        /// Of the turn under way; none from older runners.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<TurnUsage>,
    },
    /// A transient error; another try follows.
    Retrying {
        /// Number of the try that follows, from 2.
        attempt_try: u32,
        /// Time until then, in milliseconds.
        delay_ms: u64,
        /// What kind of failure it was.
        class: FailureClass,
        /// What happened.
        message: String,
    },
    /// The agent's quota is used up: the attempt waits until it may go on, and holds no slot.
    Parked {
        /// When the agent may work again.
        until: Timestamp,
        /// Why it waits.
        reason: String,
    },
    /// A parked attempt goes on.
    Unparked,
    /// Something that a person should know.
    Notice {
        /// How much it matters.
        level: NoticeLevel,
        /// What.
        message: String,
    },
    /// The attempt ended; always the last event.
    Ended {
        /// How.
        outcome: Outcome,
    },
    /// An event from a newer version; kept and shown as it came.
    #[serde(other)]
    Unknown,
}

/// One entry of the event stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventEntry {
    /// Number, from 1 without gaps.
    pub n: u64,
    /// When, on the runner's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}
