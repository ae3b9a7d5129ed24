//! A runner of the simulation: a journal that survives, and a service that may crash.

use std::collections::BTreeMap;

use protocol::{
    ids::{AttemptId, BootId},
    job::{OutcomeKind, Phase},
    runner::{HeldAttempt, StopReason},
};
use uuid::Uuid;

use super::world::{Answer, Entry, Sync, Upload};
use crate::{
    held::{self, Effect, Held},
    sync_order::Position,
};

pub(super) struct Runner {
    number: usize,
    boot_number: u64,
    seq: u64,
    /// The sync that is under way; an answer to any other is passed over.
    waiting_for: Option<u64>,
    worker_answers: bool,
    pub(super) attempts: BTreeMap<AttemptId, Work>,
}

/// An attempt in the runner's journal, with its record on disk.
pub(super) struct Work {
    pub(super) held: Held,
    pub(super) written: Vec<Entry>,
    pub(super) acked: u64,
    /// What was stopped or has ended is sent to its last entry and listed no more.
    pub(super) listed: bool,
}

impl Runner {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            boot_number: 1,
            seq: 0,
            waiting_for: None,
            worker_answers: true,
            attempts: BTreeMap::new(),
        }
    }

    pub(super) fn crash(&mut self) {
        self.boot_number += 1;
        self.seq = 0;
        self.waiting_for = None;
        for work in self.attempts.values_mut() {
            work.held.lease_ends_ms = None;
        }
    }

    pub(super) fn set_worker_answers(&mut self, answers: bool) {
        self.worker_answers = answers;
    }

    /// The next sync; one that is under way is given up.
    pub(super) fn sync(&mut self, now_ms: u64) -> Sync {
        self.seq += 1;
        self.waiting_for = Some(self.seq);
        let listed = self.attempts.iter().filter(|(_, work)| work.listed);
        Sync {
            runner: self.number,
            position: Position {
                boot_number: self.boot_number,
                boot_id: BootId(Uuid::from_u128(
                    u128::from(self.boot_number) << 8 | self.number as u128,
                )),
                seq: self.seq,
            },
            sent_at_ms: now_ms,
            held: listed
                .map(|(id, work)| HeldAttempt {
                    attempt_id: *id,
                    fence: work.held.fence,
                    phase: work.held.phase,
                    worker_answered_ms_ago: if self.worker_answers { 0 } else { 100_000 },
                })
                .collect(),
        }
    }

    pub(super) fn answered(&mut self, answer: &Answer) {
        let awaited = self.boot_number == answer.position.boot_number
            && self.waiting_for == Some(answer.position.seq);
        if !awaited {
            return;
        }
        self.waiting_for = None;
        for id in &answer.listed {
            let Some(work) = self.attempts.get_mut(id) else {
                continue;
            };
            let grant = answer.grants.iter().find(|grant| grant.attempt_id == *id);
            let stop = answer.stops.iter().find(|stop| stop.attempt_id == *id);
            let (held, effect) = held::answered(work.held, grant, stop, answer.sent_at_ms);
            work.held = held;
            if let Some(Effect::Stop(_)) = effect {
                work.listed = false;
            }
        }
        for (id, fence) in &answer.assignments {
            self.attempts.entry(*id).or_insert_with(|| Work {
                held: held::accepted(*fence),
                written: Vec::new(),
                acked: 0,
                listed: true,
            });
        }
    }

    /// Every agent that may work writes an entry.
    pub(super) fn work(&mut self) {
        for work in self.working() {
            let number = work.written.len() as u64 + 1;
            work.held.phase = Phase::Running;
            work.written.push(Entry::Said(work.held.fence, number));
        }
    }

    /// Every agent that works ends; its outcome is reported only under a lease.
    pub(super) fn finish(&mut self, now_ms: u64, outcome: OutcomeKind) {
        for work in self.working() {
            work.held.phase = Phase::Publishing;
            if held::may_publish(&work.held, now_ms) {
                work.written.push(Entry::Ended(outcome));
                work.held.phase = Phase::Ended;
            }
        }
    }

    /// Uploads of at most `most` entries, one for each attempt with entries that wait.
    pub(super) fn uploads(&self, most: usize) -> Vec<Upload> {
        let mut uploads = Vec::new();
        for (id, work) in &self.attempts {
            let skip = usize::try_from(work.acked).expect("few entries");
            let entries: Vec<Entry> = work.written.iter().copied().skip(skip).take(most).collect();
            if !entries.is_empty() {
                uploads.push(Upload {
                    runner: self.number,
                    attempt_id: *id,
                    fence: work.held.fence,
                    first: work.acked + 1,
                    entries,
                });
            }
        }
        uploads
    }

    pub(super) fn acknowledged(&mut self, id: AttemptId, kept: u64) {
        let Some(work) = self.attempts.get_mut(&id) else {
            return;
        };
        work.acked = work.acked.max(kept);
        let all = work.acked == work.written.len() as u64;
        if all && work.held.phase == Phase::Ended {
            work.listed = false;
        }
    }

    pub(super) fn outcome_refused(&mut self, id: AttemptId, reason: StopReason) {
        let Some(work) = self.attempts.get_mut(&id) else {
            return;
        };
        work.held.stopped = Some(reason);
        work.listed = false;
        // The outcome was not accepted: it is no part of the record that is sent.
        if matches!(work.written.last(), Some(Entry::Ended(_)))
            && work.acked < work.written.len() as u64
        {
            work.written.pop();
        }
    }

    fn working(&mut self) -> impl Iterator<Item = &mut Work> {
        self.attempts.values_mut().filter(|work| {
            work.held.stopped.is_none()
                && !matches!(work.held.phase, Phase::Assigned | Phase::Ended)
        })
    }
}
