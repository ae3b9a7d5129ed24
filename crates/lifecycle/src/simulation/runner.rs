//! A runner of the simulation: a journal that survives, and a service that may crash.

use std::collections::BTreeMap;

use protocol::{
    ids::{AttemptId, BootId},
    job::{OutcomeKind, Phase},
    runner::{HeldAttempt, StopReason},
    time::Timestamp,
};
use uuid::Uuid;

use super::{
    broken::Broken,
    wire::{AboutAttempt, Answer, Call, Entry, Reply, Sync, Upload},
    work::{Clocks, Publishing, Work},
};
use crate::{
    held::{self, Effect},
    sync_order::Position,
};

const SLOTS: usize = 2;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing of its own that happens to a machine"
)]
pub(super) struct Runner {
    number: usize,
    boot_number: u64,
    seq: u64,
    /// The sync that is under way; an answer to any other is passed over.
    waiting_for: Option<u64>,
    pub(super) worker_answers: bool,
    pub(super) paused: bool,
    pub(super) drains: bool,
    pub(super) asleep: bool,
    pub(super) calendar_ahead_ms: i64,
    pub(super) attempts: BTreeMap<AttemptId, Work>,
    pub(super) broken: Option<Broken>,
}

impl Runner {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            boot_number: 1,
            seq: 0,
            waiting_for: None,
            worker_answers: true,
            paused: false,
            drains: false,
            asleep: false,
            calendar_ahead_ms: 0,
            attempts: BTreeMap::new(),
            broken: None,
        }
    }

    /// Its own clocks; no two machines, nor the database, agree about the moment.
    pub(super) fn clocks(&self, now_ms: u64) -> Clocks {
        let own = now_ms + 7_000_000 * (self.number as u64 + 1);
        Clocks {
            now_ms: own,
            calendar: Timestamp(i64::try_from(own).unwrap_or(i64::MAX) + self.calendar_ahead_ms),
        }
    }

    pub(super) fn crash(&mut self) {
        self.boot_number += 1;
        self.seq = 0;
        self.waiting_for = None;
        for work in self.attempts.values_mut() {
            work.held.lease_ends_ms = None;
            if self.broken == Some(Broken::RecordInMemory) {
                work.written.pop();
            }
        }
    }

    /// The next sync; one that is under way is given up.
    pub(super) fn sync(&mut self, now_ms: u64) -> Sync {
        self.seq += 1;
        self.waiting_for = Some(self.seq);
        let listed = self.attempts.iter().filter(|(_, work)| work.listed);
        let held: Vec<HeldAttempt> = listed
            .map(|(id, work)| HeldAttempt {
                attempt_id: *id,
                fence: work.held.fence,
                phase: work.held.phase,
                worker_answered_ms_ago: if self.worker_answers { 0 } else { 100_000 },
            })
            .collect();
        let used = held
            .iter()
            .filter(|held| held.phase != Phase::Parked)
            .count();
        let free_slots = if self.paused || self.drains {
            0
        } else {
            SLOTS.saturating_sub(used)
        };
        Sync {
            runner: self.number,
            position: Position {
                boot_number: self.boot_number,
                boot_id: BootId(Uuid::from_u128(
                    u128::from(self.boot_number) << 8 | self.number as u128,
                )),
                seq: self.seq,
            },
            sent_at_ms: self.clocks(now_ms).now_ms,
            held,
            free_slots,
        }
    }

    /// Takes in a reply; of an answer only the first `most` words, when the service dies then.
    pub(super) fn heard(&mut self, reply: &Reply, now_ms: u64, most: usize) {
        match reply {
            Reply::Answer(answer) => self.answered(answer, now_ms, most),
            Reply::Kept(id, kept) => self.acknowledged(*id, *kept),
            Reply::PartStored(id, part) => {
                if let Some(work) = self.attempts.get_mut(id) {
                    work.stored.insert(*part);
                }
            }
            Reply::ManifestKept(id) => {
                if let Some(work) = self.attempts.get_mut(id) {
                    work.manifest_kept = true;
                }
            }
            Reply::Refused {
                id,
                reason,
                outcome,
            } => self.refused(*id, *reason, *outcome),
        }
    }

    fn answered(&mut self, answer: &Answer, now_ms: u64, most: usize) {
        let awaited = self.boot_number == answer.position.boot_number
            && self.waiting_for == Some(answer.position.seq);
        if !awaited {
            return;
        }
        self.waiting_for = None;
        let begins = if self.broken == Some(Broken::LeaseFromArrival) {
            self.clocks(now_ms).now_ms
        } else {
            answer.sent_at_ms
        };
        for id in answer.listed.iter().take(most) {
            let Some(work) = self.attempts.get_mut(id) else {
                continue;
            };
            let grant = answer.grants.iter().find(|grant| grant.attempt_id == *id);
            let stop = answer.stops.iter().find(|stop| stop.attempt_id == *id);
            let (held, effect) = held::answered(work.held, grant, stop, begins);
            work.held = held;
            if let Some(Effect::Stop(_)) = effect {
                work.listed = false;
            }
            if answer.cancels.contains(id) {
                work.ends(OutcomeKind::Cancelled);
            }
        }
        let left = most.saturating_sub(answer.listed.len());
        for (id, fence) in answer.assignments.iter().take(left) {
            let work = self
                .attempts
                .entry(*id)
                .or_insert_with(|| Work::accepted(*fence));
            if self.broken == Some(Broken::BegunUnconfirmed) && work.held.phase == Phase::Assigned {
                work.held.phase = Phase::Preparing;
            }
        }
    }

    /// Every agent that works ends.
    pub(super) fn finish(&mut self, outcome: OutcomeKind) {
        for work in self.attempts.values_mut() {
            if work.may_finish() {
                work.ends(outcome);
            }
        }
    }

    /// The next step of every hand-over, under a lease alone.
    pub(super) fn publish(&mut self, now_ms: u64) -> Vec<Call> {
        let own_ms = self.clocks(now_ms).now_ms;
        let mut calls = Vec::new();
        for (id, work) in &mut self.attempts {
            let may = held::may_publish(&work.held, own_ms)
                || self.broken == Some(Broken::PublishedWithoutLease);
            let Some(next) = work.next_to_publish().filter(|_| may) else {
                continue;
            };
            let what = match next {
                Publishing::Part(part) => AboutAttempt::Part(part),
                Publishing::Manifest => AboutAttempt::Manifest(work.parts.clone()),
                Publishing::Outcome(outcome) => {
                    work.written.push(Entry::Ended(outcome));
                    work.held.phase = Phase::Ended;
                    continue;
                }
            };
            calls.push(Call::Of {
                runner: self.number,
                id: *id,
                fence: work.held.fence,
                what,
            });
        }
        calls
    }

    /// Attempts whose outcome is in the record.
    pub(super) fn handed_over(&self) -> Vec<AttemptId> {
        let ended = |work: &Work| work.held.phase == Phase::Ended;
        let attempts = self.attempts.iter();
        attempts
            .filter(|(_, work)| ended(work))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Uploads of at most `most` entries, one for each attempt with entries that wait.
    pub(super) fn uploads(&self, most: usize) -> Vec<Call> {
        let mut calls = Vec::new();
        for (id, work) in &self.attempts {
            let skip = usize::try_from(work.acked).unwrap_or(usize::MAX);
            let entries: Vec<Entry> = work.written.iter().copied().skip(skip).take(most).collect();
            if !entries.is_empty() {
                calls.push(Call::Of {
                    runner: self.number,
                    id: *id,
                    fence: work.held.fence,
                    what: AboutAttempt::Upload(Upload {
                        first: work.acked + 1,
                        entries,
                    }),
                });
            }
        }
        calls
    }

    /// Gives back what has not begun, by its owner's policy.
    pub(super) fn refuse(&mut self) -> Vec<Call> {
        let unbegun = self.attempts.iter_mut().filter(|(_, work)| {
            work.listed && work.held.phase == Phase::Assigned && work.held.stopped.is_none()
        });
        unbegun
            .map(|(id, work)| {
                work.listed = false;
                work.held.stopped = Some(StopReason::Unknown);
                Call::Of {
                    runner: self.number,
                    id: *id,
                    fence: work.held.fence,
                    what: AboutAttempt::NotTaken,
                }
            })
            .collect()
    }

    fn acknowledged(&mut self, id: AttemptId, kept: u64) {
        let Some(work) = self.attempts.get_mut(&id) else {
            return;
        };
        work.acked = work.acked.max(kept);
        let all = work.acked == work.written.len() as u64;
        if all && work.held.phase == Phase::Ended {
            work.listed = false;
        }
    }

    fn refused(&mut self, id: AttemptId, reason: StopReason, outcome: bool) {
        let Some(work) = self.attempts.get_mut(&id) else {
            return;
        };
        // The word about a request that nobody waits for any more is not read.
        let awaited = match work.held.phase {
            Phase::Ended => outcome && work.acked < work.written.len() as u64,
            phase => phase == Phase::Publishing && !outcome,
        };
        if !awaited {
            return;
        }
        work.held.stopped = Some(reason);
        work.listed = false;
        // The outcome was not accepted: it is no part of the record that is sent.
        if matches!(work.written.last(), Some(Entry::Ended(_))) {
            work.written.pop();
        }
    }
}
