//! What travels between runners and coordinators.

use protocol::{
    ids::AttemptId,
    job::OutcomeKind,
    runner::{HeldAttempt, LeaseGrant, StopAttempt, StopReason},
};

use crate::sync_order::Position;

/// One entry of a record; what an agent said is said once in the whole world, to be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Said(u64),
    Ended(OutcomeKind),
}

#[derive(Debug, Clone)]
pub(super) struct Sync {
    pub(super) runner: usize,
    pub(super) position: Position,
    /// By the runner's own clock.
    pub(super) sent_at_ms: u64,
    pub(super) held: Vec<HeldAttempt>,
    pub(super) free_slots: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) position: Position,
    pub(super) sent_at_ms: u64,
    pub(super) listed: Vec<AttemptId>,
    pub(super) grants: Vec<LeaseGrant>,
    pub(super) stops: Vec<StopAttempt>,
    pub(super) cancels: Vec<AttemptId>,
    pub(super) assignments: Vec<(AttemptId, u64)>,
}

impl Answer {
    pub(super) fn to(sync: &Sync) -> Self {
        Self {
            position: sync.position,
            sent_at_ms: sync.sent_at_ms,
            listed: sync.held.iter().map(|held| held.attempt_id).collect(),
            grants: Vec::new(),
            stops: Vec::new(),
            cancels: Vec::new(),
            assignments: Vec::new(),
        }
    }

    /// Whether the runner waits for nothing of this, so that its sync may be held open.
    pub(super) fn may_wait(&self) -> bool {
        self.stops.is_empty() && self.cancels.is_empty() && self.assignments.is_empty()
    }
}

#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) first: u64,
    pub(super) entries: Vec<Entry>,
}

/// What a runner asks of whichever coordinator it reaches.
#[derive(Debug, Clone)]
pub(super) enum Call {
    Sync(Sync),
    Of {
        runner: usize,
        id: AttemptId,
        fence: u64,
        what: AboutAttempt,
    },
}

/// What it asks about one attempt.
#[derive(Debug, Clone)]
pub(super) enum AboutAttempt {
    Upload(Upload),
    Part(u64),
    Manifest(Vec<u64>),
    NotTaken,
}

/// What a coordinator says to it.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Answer(Answer),
    Kept(AttemptId, u64),
    PartStored(AttemptId, u64),
    ManifestKept(AttemptId),
    Refused {
        id: AttemptId,
        reason: StopReason,
        /// Whether it was the outcome that is refused.
        outcome: bool,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Message {
    Call(Call),
    Reply { runner: usize, reply: Reply },
}
