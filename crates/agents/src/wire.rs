//! What an agent's protocol has to say: a state machine without I/O.
//!
//! A [`Wire`] turns lines into steps; `turn` takes the steps. So a recording is
//! enough to test a protocol.

use protocol::{approval::ApprovalSubject, job::Failure, question::QuestionItem, record::ToolKind};
use serde_json::Value;

use crate::{
    driver::{AgentEvent, ApprovalReply, StartError, TurnEnd},
    failure,
};
use protocol::question::ItemAnswer;

/// Names a request of the agent that waits for an answer.
pub(crate) type RequestKey = String;

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// The agent has taken the job; until then a refusal means that no turn began.
    Ready,
    /// The agent cannot be used for this.
    Refuse(Refusal),
    /// Send this line.
    Send(Value),
    /// Tell this.
    Emit(AgentEvent),
    /// Ask for permission.
    Approve {
        /// Names the request.
        key: RequestKey,
        /// What is asked.
        subject: ApprovalSubject,
        /// Which tool call waits.
        tool_call: Option<String>,
    },
    /// Ask a question.
    Ask {
        /// Names the request.
        key: RequestKey,
        /// What is asked.
        items: Vec<QuestionItem>,
    },
    /// A request needs no answer any more.
    Withdraw(RequestKey),
    /// The turn is over.
    End(TurnEnd),
}

/// Why an agent does not take the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not know the session that was to be taken up again.
    SessionGone,
    /// Anything else.
    Failed(Failure),
}

impl Refusal {
    /// What whoever started the agent hears, where it cannot be begun anew.
    pub(crate) fn for_start(self, title: &str) -> StartError {
        match self {
            Self::Failed(failure) => failure.into(),
            Self::SessionGone => {
                let lost = format!("{title} lost the session that was just begun");
                failure::transient(lost).into()
            }
        }
    }
}

/// How the agent's program ended before its turn did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Closed {
    /// How it ended, in words; none when it still runs with its output closed.
    pub(crate) exit: Option<String>,
    /// The last lines of its error output.
    pub(crate) stderr: Vec<String>,
}

/// One agent's protocol, seen from our side.
pub(crate) trait Wire: Send + 'static {
    /// The first steps.
    fn begin(&mut self) -> Vec<Step>;
    /// A whole line came.
    fn line(&mut self, line: &str) -> Vec<Step>;
    /// A request for permission was answered; none when nobody did.
    fn approved(&mut self, key: &RequestKey, reply: Option<ApprovalReply>) -> Vec<Step>;
    /// A question was answered; none when nobody did.
    fn answered(&mut self, key: &RequestKey, answers: Option<Vec<ItemAnswer>>) -> Vec<Step>;
    /// The turn is to be broken off.
    fn interrupt(&mut self) -> Vec<Step>;
    /// Whether a tool runs, so that silence means nothing.
    fn is_at_work(&self) -> bool;
    /// How long to wait for silence before [`Wire::quiet`] is called; none when it is not wanted.
    fn wants_quiet(&self) -> Option<std::time::Duration> {
        None
    }
    /// Nothing came for as long as was wanted.
    fn quiet(&mut self) -> Vec<Step> {
        Vec::new()
    }
    /// The program ended before its turn did: what that means.
    fn closed(&mut self, closed: &Closed) -> Failure;
    /// About how many bytes of what the agent sent are held.
    #[cfg(test)]
    fn held(&self) -> usize {
        0
    }
}

impl Step {
    pub(crate) fn started(
        tool_call: &str,
        kind: ToolKind,
        title: impl Into<String>,
        detail: Option<String>,
    ) -> Self {
        Self::Emit(AgentEvent::ToolStarted {
            tool_call: tool_call.to_owned(),
            kind,
            title: title.into(),
            detail,
        })
    }

    pub(crate) fn ended(
        tool_call: &str,
        status: protocol::record::ToolStatus,
        result: Option<String>,
    ) -> Self {
        Self::Emit(AgentEvent::ToolEnded {
            tool_call: tool_call.to_owned(),
            status,
            result,
        })
    }

    pub(crate) fn notice(message: impl Into<String>) -> Self {
        Self::Emit(AgentEvent::Notice(message.into()))
    }
}
