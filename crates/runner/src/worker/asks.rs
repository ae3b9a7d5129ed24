//! What the agent waits for a person to say: approvals and questions.
//!
//! The floor of the permission policy, the owner's level and the rules are decided
//! here and at once; everything else waits, for a while. The first answer that is
//! applied counts, wherever it was given.

mod answer;
mod check;
mod over;
mod request;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use agents::driver::ApprovalReply;
use control::state::SettledAsk;
use lifecycle::permission::{Allowances, rule::Asker};
use protocol::{
    agent::AgentName,
    approval::{AnsweredBy, Approval, ApprovalSubject, Decision, Surface},
    error::Problem,
    question::{ItemAnswer, Question},
    record::Event,
    rule::PermissionRule,
    time::Timestamp,
};
use tokio::sync::oneshot;

use super::ground::Ground;
use check::settled_already;

/// Most requests that may wait at once.
const WAITING_MAX: usize = 64;
/// How many answers are remembered, for whoever comes too late.
const SETTLED_MAX: usize = 32;

/// On which terms requests are answered.
pub(crate) struct Terms {
    /// The agent at work.
    pub(crate) agent: AgentName,
    /// The short name of the job's workspace.
    pub(crate) workspace: String,
    /// What the owner allows always.
    pub(crate) rules: Vec<PermissionRule>,
    /// How long a request waits for a person.
    pub(crate) patience: Duration,
}

impl Terms {
    fn asker(&self, now: Timestamp) -> Asker<'_> {
        Asker {
            agent: &self.agent,
            workspace: &self.workspace,
            now,
        }
    }

    /// When a request that comes now is given up, on either clock.
    fn end_of_patience(&self, now: Timestamp) -> (Instant, Timestamp) {
        let millis = i64::try_from(self.patience.as_millis()).unwrap_or(i64::MAX);
        let shown = Timestamp(now.0.saturating_add(millis));
        (Instant::now() + self.patience, shown)
    }
}

struct WaitingApproval {
    approval: Approval,
    /// As the agent put it; the approval shows it without secrets.
    asked: ApprovalSubject,
    /// Steady: a clock that is set must not end or prolong it.
    until: Instant,
    reply: oneshot::Sender<ApprovalReply>,
}

struct WaitingQuestion {
    question: Question,
    until: Instant,
    reply: oneshot::Sender<Vec<ItemAnswer>>,
}

/// Everything that waits, and what was allowed for the rest of the job.
pub(crate) struct Asks {
    ground: Ground,
    terms: Terms,
    approvals: Vec<WaitingApproval>,
    questions: Vec<WaitingQuestion>,
    allowed: Allowances,
    settled: VecDeque<SettledAsk>,
}

/// A request for permission as it comes from the agent.
pub(crate) struct Wanted {
    /// As the agent put it.
    pub(crate) asked: ApprovalSubject,
    /// The same without secrets.
    pub(crate) shown: ApprovalSubject,
    /// Which tool call waits.
    pub(crate) tool_call: Option<String>,
    /// Takes the answer.
    pub(crate) reply: oneshot::Sender<ApprovalReply>,
}

/// What follows from an answer, in this order: write the event, then tell the agent.
pub(crate) struct Applied {
    /// For the record.
    pub(crate) event: Event,
    /// Tells the agent.
    pub(crate) tell: Box<dyn FnOnce() + Send>,
}

/// A request as it goes into the record, with its answer where no person is needed.
pub(crate) struct Requested {
    /// The request itself.
    pub(crate) event: Event,
    /// Set when it is settled already; else it waits.
    pub(crate) settled: Option<Applied>,
}

impl Asks {
    /// Nothing waits yet.
    pub(crate) fn new(ground: Ground, terms: Terms) -> Self {
        Self {
            ground,
            terms,
            approvals: Vec::new(),
            questions: Vec::new(),
            allowed: Allowances::default(),
            settled: VecDeque::new(),
        }
    }

    /// Takes in what the owner allows always, as a whole.
    pub(crate) fn take_rules(&mut self, rules: Vec<PermissionRule>) {
        self.terms.rules = rules;
    }

    /// What waits now, oldest first.
    pub(crate) fn waiting(&self) -> (Vec<Approval>, Vec<Question>) {
        (
            self.approvals
                .iter()
                .map(|waiting| waiting.approval.clone())
                .collect(),
            self.questions
                .iter()
                .map(|waiting| waiting.question.clone())
                .collect(),
        )
    }

    /// What was answered lately, oldest first.
    pub(crate) fn settled(&self) -> Vec<SettledAsk> {
        self.settled.iter().cloned().collect()
    }

    fn settle(
        &mut self,
        waiting: WaitingApproval,
        decision: Decision,
        by: AnsweredBy,
        note: Option<String>,
        now: Timestamp,
    ) -> Applied {
        let id = waiting.approval.id;
        let by_person = by.surface != Surface::Policy;
        self.remember(id.to_string(), Some(decision), &by, now);
        let event = Event::ApprovalSettled {
            approval_id: id,
            decision,
            by,
            note: note.clone(),
        };
        let tell = Box::new(move || {
            let reply = ApprovalReply {
                decision,
                note,
                by_person,
            };
            waiting.reply.send(reply).ok();
        });
        Applied { event, tell }
    }

    fn remember(&mut self, id: String, decision: Option<Decision>, by: &AnsweredBy, at: Timestamp) {
        if self.settled.len() >= SETTLED_MAX {
            self.settled.pop_front();
        }
        self.settled.push_back(SettledAsk {
            id,
            decision,
            by: by.clone(),
            at,
        });
    }

    /// What somebody hears whose answer comes after another one.
    fn too_late(&self, id: &str) -> Problem {
        settled_already(self.settled.iter().find(|settled| settled.id == id))
    }
}

fn by_policy(rule: String) -> AnsweredBy {
    AnsweredBy {
        surface: Surface::Policy,
        name: rule,
    }
}

#[cfg(test)]
mod tests;
