//! The coordinator of the simulation.

use protocol::{
    ids::AttemptId,
    job::{JobState, OutcomeKind},
    limits::LEASE_MS,
    runner::{LeaseGrant, StopAttempt},
    time::Timestamp,
};
use uuid::Uuid;

use super::world::{Answer, Entry, RUNNERS, Sync, Upload};
use crate::{
    attempt::{self, Attempt, Effect, Event, Facts, Refused, Stage},
    job,
    lease::LeaseTerms,
    numbering,
    sync_order::{self, Position},
};

pub(super) struct Coordinator {
    pub(super) now: Timestamp,
    pub(super) up_since: Timestamp,
    pub(super) jobs: Vec<Job>,
    newest: [Option<Position>; RUNNERS],
}

pub(super) struct Job {
    pub(super) state: JobState,
    pub(super) fence: u64,
    pub(super) attempts: Vec<Claim>,
}

/// An attempt, with what the coordinator keeps of it.
pub(super) struct Claim {
    pub(super) id: AttemptId,
    pub(super) runner: usize,
    pub(super) attempt: Attempt,
    pub(super) kept: Vec<Entry>,
    pub(super) outcomes: u32,
}

impl Coordinator {
    pub(super) fn new(jobs: usize) -> Self {
        Self {
            now: Timestamp(1_000_000),
            up_since: Timestamp(0),
            jobs: (0..jobs)
                .map(|_| Job {
                    state: JobState::Ready,
                    fence: 0,
                    attempts: Vec::new(),
                })
                .collect(),
            newest: [None; RUNNERS],
        }
    }

    pub(super) fn claim(&mut self, job: usize, runner: usize) {
        let now = self.now;
        let at = &mut self.jobs[job];
        let Ok(state) = job::next(at.state, job::Event::Claimed) else {
            return;
        };
        let attempt = attempt::claimed(at.fence, now);
        at.state = state;
        at.fence = attempt.fence;
        at.attempts.push(Claim {
            id: AttemptId(Uuid::from_u128(
                (job as u128) << 64 | u128::from(attempt.fence),
            )),
            runner,
            attempt,
            kept: Vec::new(),
            outcomes: 0,
        });
    }

    pub(super) fn cancel(&mut self, job: usize) {
        let Ok(state) = job::next(self.jobs[job].state, job::Event::CancelRequested) else {
            return;
        };
        if state != JobState::InProgress {
            self.jobs[job].state = state;
            return;
        }
        let newest = self.jobs[job].attempts.len() - 1;
        self.apply(job, newest, Event::CancelRequested)
            .expect("a job in progress has an attempt that can be cancelled");
    }

    pub(super) fn reconcile(&mut self) {
        for job in 0..self.jobs.len() {
            for claim in 0..self.jobs[job].attempts.len() {
                self.apply(job, claim, Event::Checked)
                    .expect("looking at the clock is never refused");
            }
        }
    }

    /// Answers a sync; none when it is out of order and refused.
    pub(super) fn sync(&mut self, sync: &Sync) -> Option<Answer> {
        sync_order::judge(self.newest[sync.runner], sync.position).ok()?;
        self.newest[sync.runner] = Some(sync.position);
        let mut answer = Answer::to(sync);
        for listed in &sync.held {
            let event = Event::Listed {
                fence: listed.fence,
                phase: listed.phase,
                worker_answered_ms_ago: listed.worker_answered_ms_ago,
            };
            let (job, claim) = self.find(listed.attempt_id);
            match self.apply(job, claim, event) {
                Ok(effects) if effects.contains(&Effect::Grant) => answer.grants.push(LeaseGrant {
                    attempt_id: listed.attempt_id,
                    fence: listed.fence,
                    lease_ms: LEASE_MS,
                }),
                Ok(_) => {}
                Err(refused) => answer.stops.push(StopAttempt {
                    attempt_id: listed.attempt_id,
                    reason: refused.stop_reason(),
                }),
            }
        }
        for job in 0..self.jobs.len() {
            for claim in 0..self.jobs[job].attempts.len() {
                let it = &self.jobs[job].attempts[claim];
                if it.runner != sync.runner {
                    continue;
                }
                let listed = sync.held.iter().any(|held| held.attempt_id == it.id);
                match it.attempt.stage {
                    Stage::Assigned { .. } => answer.assignments.push((it.id, it.attempt.fence)),
                    Stage::Held { .. } if !listed => {
                        self.apply(job, claim, Event::Unlisted)
                            .expect("forgetting is never refused");
                    }
                    Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => {}
                }
            }
        }
        Some(answer)
    }

    /// Keeps entries; the number of the last one kept, or a refused outcome.
    pub(super) fn upload(&mut self, upload: &Upload) -> Result<u64, Refused> {
        let (job, claim) = self.find(upload.attempt_id);
        let at = &self.jobs[job].attempts[claim];
        let known = at.kept.len() as u64;
        let numbers = upload.first..upload.first + upload.entries.len() as u64;
        let Ok(taken) = numbering::plan(known, numbers) else {
            return Ok(known);
        };
        for entry in upload.entries.iter().skip(taken.skip) {
            if let Entry::Ended(outcome) = entry {
                let event = Event::Reported {
                    fence: upload.fence,
                    outcome: *outcome,
                };
                self.apply(job, claim, event)?;
                self.jobs[job].attempts[claim].outcomes += 1;
            }
            self.jobs[job].attempts[claim].kept.push(*entry);
        }
        Ok(taken.kept)
    }

    pub(super) fn find(&self, id: AttemptId) -> (usize, usize) {
        for (job, at) in self.jobs.iter().enumerate() {
            if let Some(claim) = at.attempts.iter().position(|claim| claim.id == id) {
                return (job, claim);
            }
        }
        panic!("{id} was never handed out")
    }

    fn apply(&mut self, job: usize, claim: usize, event: Event) -> Result<Vec<Effect>, Refused> {
        let at = &mut self.jobs[job];
        let facts = Facts {
            now: self.now,
            up_since: self.up_since,
            job_fence: at.fence,
            job_state: at.state,
            terms: LeaseTerms::default(),
        };
        let (after, effects) = attempt::apply(at.attempts[claim].attempt, event, facts)?;
        let cancel_requested = after.cancel_by.is_some();
        let unlucky_before = at.attempts[..claim]
            .iter()
            .filter(|earlier| {
                matches!(
                    earlier.attempt.stage,
                    Stage::Ended(OutcomeKind::Lost | OutcomeKind::Interrupted)
                )
            })
            .count();
        at.attempts[claim].attempt = after;
        for effect in &effects {
            let event = match *effect {
                Effect::TakeBack => job::Event::TakenBack,
                Effect::GiveBack | Effect::Release => job::Event::Withdrawn,
                Effect::CancelJob => job::Event::CancelRequested,
                Effect::Settle(outcome) => job::Event::Ended(job::End {
                    outcome,
                    unlucky_before: u32::try_from(unlucky_before).expect("few attempts"),
                    cancel_requested,
                }),
                Effect::KeepNumber | Effect::Grant | Effect::Announce => continue,
            };
            at.state = job::next(at.state, event).expect("the job can follow its attempt");
        }
        Ok(effects)
    }
}
