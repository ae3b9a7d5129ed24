//! The one trait behind which every agent stands, and the events that it makes.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use protocol::{
    agent::{AgentName, AgentStatus},
    approval::{ApprovalSubject, Decision},
    job::{Failure, FailureClass},
    question::{ItemAnswer, QuestionItem},
    record::{PlanItem, ToolKind, ToolStatus, Usage},
    runner::PermissionLevel,
    time::Timestamp,
};
use tokio::sync::{mpsc, oneshot};

/// How many events of an agent may wait before the agent is slowed down.
pub const EVENTS_WAITING_MAX: usize = 256;

/// Where to look for an agent's program, and how long to wait for it.
#[derive(Debug, Clone)]
pub struct Lookout {
    /// A path that the owner set by hand; it is the only one tried.
    pub program: Option<PathBuf>,
    /// Directories of the search path, as a login shell sees it.
    pub search_path: Vec<PathBuf>,
    /// The environment for programs that are asked for their version.
    pub environment: Vec<(String, String)>,
    /// Limit for each program that is asked.
    pub patience: Duration,
}

/// What to look at for a change after which detection is worth repeating.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Programs: paths, or names to be looked for in the folders of the search path.
    pub programs: Vec<PathBuf>,
    /// Files that hold its sign-in and its settings.
    pub files: Vec<PathBuf>,
}

/// Whether a session is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionPlan {
    /// A new one; agents that let the host choose the id take this one.
    New {
        /// The wished id.
        id: uuid::Uuid,
    },
    /// One that was begun before and broke off.
    Resume {
        /// The agent's own id of it.
        session: String,
        /// When it was begun, where that is known.
        begun_at: Option<Timestamp>,
    },
}

/// Everything an agent needs to begin.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program, as detection found it.
    pub program: PathBuf,
    /// The job's folder: the agent's working directory.
    pub folder: PathBuf,
    /// The whole environment of the agent; nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// The model that is asked for.
    pub model: Option<String>,
    /// Arguments that the owner added.
    pub extra_arguments: Vec<String>,
    /// New or taken up again.
    pub session: SessionPlan,
    /// What the owner lets it do. An agent is told in its own words only where those are at
    /// least as strict: what it would approve by itself never reaches the owner's policy.
    pub level: PermissionLevel,
    /// The first thing to say to it.
    pub prompt: String,
}

/// What a person, a rule or a time-out says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalReply {
    /// What was decided.
    pub decision: Decision,
    /// Words for the agent, with a denial.
    pub note: Option<String>,
    /// Whether a person said so, and not the machine's own policy.
    pub by_person: bool,
}

/// What an agent does, in the words that all agents share.
#[derive(Debug)]
pub enum AgentEvent {
    /// The session stands.
    Started {
        /// The agent's version, where it says so.
        version: Option<String>,
        /// The session's own id.
        session: Option<String>,
        /// The model at work.
        model: Option<String>,
    },
    /// A piece of the agent's answer, as it comes; lines are put together later.
    Text(String),
    /// A piece of the agent's reasoning.
    Thinking(String),
    /// A line of what the program printed beside its protocol.
    Stderr(String),
    /// A tool call began.
    ToolStarted {
        /// Names the call.
        tool_call: String,
        /// What kind.
        kind: ToolKind,
        /// One line for a person.
        title: String,
        /// Command, path or input.
        detail: Option<String>,
    },
    /// A piece of what a tool printed.
    ToolOutput {
        /// Names the call.
        tool_call: String,
        /// The piece.
        text: String,
    },
    /// A tool call ended.
    ToolEnded {
        /// Names the call.
        tool_call: String,
        /// How.
        status: ToolStatus,
        /// What came of it, shortened.
        result: Option<String>,
    },
    /// The agent waits for permission; dropping `reply` is a denial.
    ApprovalRequested {
        /// What is asked.
        subject: ApprovalSubject,
        /// Which tool call waits.
        tool_call: Option<String>,
        /// Takes the answer; closed by the driver when the agent withdraws the request.
        reply: oneshot::Sender<ApprovalReply>,
    },
    /// The agent waits for an answer; dropping `reply` tells it that nobody answered.
    QuestionAsked {
        /// What is asked.
        items: Vec<QuestionItem>,
        /// Takes the answer; closed by the driver when the agent withdraws the question.
        reply: oneshot::Sender<Vec<ItemAnswer>>,
    },
    /// The agent's plan, as a whole.
    Plan(Vec<PlanItem>),
    /// Totals of this session so far, with all its earlier turns; for agents that count so.
    Usage(Usage),
    /// Totals of this turn so far; for agents that count so.
    TurnUsage(Usage),
    /// The session that was just told of has to be kept before anything is said to the
    /// agent; answering or dropping this lets it go on.
    KeepSession(oneshot::Sender<()>),
    /// The agent itself tries again after an error.
    Retrying {
        /// What kind of error.
        class: FailureClass,
        /// In its words.
        message: String,
    },
    /// Something odd that a person should know; work goes on.
    Notice(String),
    /// The turn is over; always the last event before the channel closes.
    Ended(TurnEnd),
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnEnd {
    /// The agent says that it is done.
    Completed {
        /// Its last words.
        summary: Option<String>,
    },
    /// It was interrupted as asked.
    Interrupted,
    /// It broke or gave up.
    Failed(Failure),
}

/// A running agent.
///
/// Dropping it kills the agent's processes at once.
pub struct Session {
    /// What the agent does; bounded, so a slow reader slows the agent.
    pub events: mpsc::Receiver<AgentEvent>,
    /// How it is told to stop.
    pub stop: Box<dyn Stop>,
    /// The agent's own process id, for the record.
    pub pid: u32,
}

/// Ends a running agent.
#[async_trait]
pub trait Stop: Send {
    /// Asks the agent to break off its turn; its end comes as an event.
    async fn interrupt(&mut self);

    /// Ends the agent and everything that it started: closes its input, waits
    /// up to `grace`, then kills. Returns how many processes had to be killed.
    async fn end(&mut self, grace: Duration) -> usize;
}

/// Why an agent could not be started; no turn has begun.
#[derive(Debug, thiserror::Error)]
#[error("{}", .failure.message)]
pub struct StartError {
    /// What kind, and what to do.
    pub failure: Failure,
}

/// One kind of agent.
#[async_trait]
pub trait Agent: Send + Sync {
    /// Its short name.
    fn name(&self) -> AgentName;

    /// Its product name.
    fn title(&self) -> &str;

    /// What to watch, so that its coming, going or change is noticed.
    fn traces(&self, _lookout: &Lookout) -> Traces {
        Traces {
            programs: vec![PathBuf::from(self.name().as_str())],
            files: Vec::new(),
        }
    }

    /// Looks for it, and asks it for its version and its sign-in.
    async fn detect(&self, lookout: &Lookout) -> AgentStatus;

    /// Starts it, and gives it the first prompt.
    async fn start(&self, launch: Launch) -> Result<Session, StartError>;
}
