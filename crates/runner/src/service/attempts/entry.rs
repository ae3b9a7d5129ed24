//! One attempt in the service's hands, as the loops see it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use control::state::SettledAsk;
use lifecycle::held::{self, Effect, Held};
use protocol::{
    agent::AgentName,
    approval::{AnsweredBy, Approval, ApprovalAnswer},
    error::Problem,
    ids::{ApprovalId, AttemptId, QuestionId},
    job::Phase,
    question::{Question, QuestionAnswer},
    rule::PermissionRule,
    runner::{Assignment, HeldAttempt, LeaseGrant, Order, StopAttempt},
    time::Timestamp,
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    clock,
    folder::AttemptFolder,
    link::{EndReason, Parked},
};

/// Commands that may wait for an attempt at once.
pub(super) const COMMANDS_WAITING_MAX: usize = 64;

/// What an attempt is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// The coordinator asks; the same again changes nothing.
    Order(Order),
    /// A person at this machine answers an approval.
    AnswerApproval {
        approval_id: ApprovalId,
        answer: ApprovalAnswer,
        by: AnsweredBy,
        rule: Option<PermissionRule>,
        reply: oneshot::Sender<Result<(), Problem>>,
    },
    /// A person at this machine answers a question.
    AnswerQuestion {
        question_id: QuestionId,
        answer: QuestionAnswer,
        by: AnsweredBy,
        reply: oneshot::Sender<Result<(), Problem>>,
    },
    /// A parked attempt has got a slot.
    GoOn,
    /// End the agent.
    End(EndReason),
}

/// What faces show of an attempt, beyond its assignment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct View {
    pub(crate) agent: Option<AgentName>,
    pub(crate) last_action: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) questions: Vec<Question>,
    pub(crate) settled: Vec<SettledAsk>,
    pub(crate) worker_answers: bool,
    pub(crate) cancelling: bool,
    pub(crate) worker_pid: Option<u32>,
    pub(crate) parked: Option<Parked>,
}

/// What changes while an attempt is held.
#[derive(Debug)]
struct Facts {
    held: Held,
    view: View,
    /// On the steady clock; none while the service itself does the work.
    worker_answered_ms: Option<u64>,
    /// A slot is kept for it, and its worker is being told.
    going_on: bool,
}

/// What an attempt means for the runner's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotUse {
    /// It holds one.
    Holds,
    /// It is parked, and its time has come: the next free one is its.
    Wants,
    /// It needs none.
    Nothing,
}

/// Last numbers of the two streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Of the events.
    pub(crate) events: u64,
    /// Of the log.
    pub(crate) log: u64,
}

/// How sending the record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// Acknowledged up to here.
    Kept(Numbers),
    /// The coordinator takes no more of this record; the copy here stays.
    Refused(Numbers),
}

impl Sending {
    /// What is acknowledged.
    pub(crate) fn kept(self) -> Numbers {
        match self {
            Self::Kept(numbers) | Self::Refused(numbers) => numbers,
        }
    }
}

/// One attempt in the service's hands.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) assignment: Assignment,
    pub(crate) folder: AttemptFolder,
    pub(crate) started_at: Timestamp,
    /// When this start of the service took it on, on the steady clock.
    pub(crate) taken_at_ms: u64,
    facts: Mutex<Facts>,
    /// Changes whenever the lease or the right to go on changes.
    lease: watch::Sender<Held>,
    /// What others can read in the record.
    pub(crate) written: watch::Sender<Numbers>,
    /// What the coordinator has acknowledged.
    pub(crate) sending: watch::Sender<Sending>,
    commands: mpsc::Sender<Command>,
}

impl Entry {
    pub(crate) fn new(
        assignment: Assignment,
        folder: AttemptFolder,
        started_at: Timestamp,
        phase: Phase,
        acked: Numbers,
    ) -> (Self, mpsc::Receiver<Command>) {
        let (commands, orders) = mpsc::channel(COMMANDS_WAITING_MAX);
        let held = Held {
            phase,
            ..held::accepted(assignment.fence)
        };
        let entry = Self {
            assignment,
            folder,
            started_at,
            taken_at_ms: clock::steady_ms(),
            facts: Mutex::new(Facts {
                held,
                view: View::default(),
                worker_answered_ms: None,
                going_on: false,
            }),
            lease: watch::Sender::new(held),
            written: watch::Sender::new(Numbers::default()),
            sending: watch::Sender::new(Sending::Kept(acked)),
            commands,
        };
        (entry, orders)
    }

    /// Which attempt.
    pub(crate) fn id(&self) -> AttemptId {
        self.assignment.attempt_id
    }

    /// The right to the attempt as it stands, and every change of it.
    pub(crate) fn lease(&self) -> watch::Receiver<Held> {
        self.lease.subscribe()
    }

    /// The right to the attempt as it stands.
    pub(crate) fn held(&self) -> Held {
        self.facts().held
    }

    /// What a face shows.
    pub(crate) fn view(&self) -> View {
        self.facts().view.clone()
    }

    /// Changes what a face shows; says whether anything changed.
    pub(crate) fn change_view(&self, change: impl FnOnce(&mut View)) -> bool {
        let mut facts = self.facts();
        let before = facts.view.clone();
        change(&mut facts.view);
        facts.view != before
    }

    /// Enters a phase; says whether it is another one.
    pub(crate) fn enter(&self, phase: Phase) -> bool {
        let mut facts = self.facts();
        let changed = facts.held.phase != phase;
        facts.held.phase = phase;
        let held = facts.held;
        drop(facts);
        self.lease.send_replace(held);
        changed
    }

    /// What it means for the runner's slots.
    pub(crate) fn slot_use(&self) -> SlotUse {
        let over = self.is_over();
        let facts = self.facts();
        match (&facts.view.parked, facts.view.worker_pid) {
            _ if facts.going_on => SlotUse::Holds,
            (Some(parked), _) if parked.due && !over => SlotUse::Wants,
            (None, worker) if !over || worker.is_some() => SlotUse::Holds,
            (Some(_) | None, _) => SlotUse::Nothing,
        }
    }

    /// Keeps a slot for it while its worker is told, or gives that back.
    pub(super) fn set_going_on(&self, going_on: bool) {
        self.facts().going_on = going_on;
    }

    /// Its worker has just answered.
    pub(crate) fn worker_answered(&self) {
        self.facts().worker_answered_ms = Some(clock::steady_ms());
    }

    /// From here on the service itself does the work.
    pub(crate) fn worker_done(&self) {
        self.facts().worker_answered_ms = None;
    }

    /// As the sync lists it.
    pub(crate) fn listed(&self) -> HeldAttempt {
        let facts = self.facts();
        let ago = |at| clock::steady_ms().saturating_sub(at);
        HeldAttempt {
            attempt_id: self.id(),
            fence: facts.held.fence,
            phase: facts.held.phase,
            worker_answered_ms_ago: facts.worker_answered_ms.map_or(0, ago),
        }
    }

    /// Takes in what the answer to a sync says, which was sent at `sent_at_ms` and listed this attempt.
    pub(crate) fn answered(
        &self,
        grant: Option<&LeaseGrant>,
        stop: Option<&StopAttempt>,
        sent_at_ms: u64,
    ) -> Option<Effect> {
        let mut facts = self.facts();
        let (held, effect) = held::answered(facts.held, grant, stop, sent_at_ms);
        facts.held = held;
        drop(facts);
        self.lease.send_replace(held);
        effect
    }

    /// The attempt is not this runner's any more, as another call than the sync has learned.
    pub(crate) fn stopped(&self, reason: protocol::runner::StopReason) {
        let stop = StopAttempt {
            attempt_id: self.id(),
            reason,
        };
        self.answered(None, Some(&stop), 0);
    }

    /// Tells the attempt; false when it takes no command any more, or too many wait.
    pub(crate) fn tell(&self, command: Command) -> bool {
        self.commands.try_send(command).is_ok()
    }

    /// Whether nothing further happens to it.
    pub(crate) fn is_over(&self) -> bool {
        let held = self.held();
        held.phase == Phase::Ended || held.stopped.is_some()
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        // Every change is whole at once, so a panic elsewhere leaves nothing half done.
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
