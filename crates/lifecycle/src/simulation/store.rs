//! The database that all coordinators share: every function is one transaction.

use std::collections::BTreeMap;

use protocol::{
    ids::AttemptId,
    job::JobState,
    runner::{LeaseGrant, StopAttempt},
    time::Timestamp,
};
use uuid::Uuid;

use super::{
    broken::Broken,
    claim::{Claim, Job},
    wire::{Answer, Entry, Sync, Upload},
    world::RUNNERS,
};
use crate::{
    attempt::{self, Effect, Event, Refused, Stage},
    job,
    lease::LeaseTerms,
    numbering,
    sync_order::{self, Position},
};

/// How old an object is before it is deleted because no row names it.
pub(super) const QUARANTINE_MS: u64 = 24 * 60 * 60 * 1000;
/// How long work may take.
const DEADLINE_MS: u64 = 40 * 60_000;

pub(super) struct Store {
    pub(super) now: Timestamp,
    /// Since when coordinators have been up, and when one was last seen.
    pub(super) alive: (Timestamp, Timestamp),
    pub(super) jobs: Vec<Job>,
    newest: [Option<Position>; RUNNERS],
    pub(super) objects: BTreeMap<(AttemptId, u64), Timestamp>,
    pub(super) broken: Option<Broken>,
    /// What really passed, and when each lease was last granted by that; for the checks alone.
    pub(super) passed_ms: u64,
    pub(super) granted: BTreeMap<AttemptId, u64>,
}

impl Store {
    pub(super) fn new(jobs: usize) -> Self {
        let now = Timestamp(1_000_000_000);
        Self {
            now,
            alive: (now, now),
            jobs: (0..jobs).map(|_| Job::new()).collect(),
            newest: [None; RUNNERS],
            objects: BTreeMap::new(),
            broken: None,
            passed_ms: 0,
            granted: BTreeMap::new(),
        }
    }

    /// Says that a coordinator is up; whether coordinators had been away.
    pub(super) fn touch_alive(&mut self) -> bool {
        let (since, seen) = self.alive;
        let away = self.now.millis_since(seen) > LeaseTerms::default().break_ms();
        self.alive = (if away { self.now } else { since }, self.now);
        away
    }

    /// Gives a job to the sync that is the newest of its runner.
    pub(super) fn claim(&mut self, job: usize, sync: &Sync) -> Result<bool, String> {
        if self.newest[sync.runner] != Some(sync.position) {
            return Ok(false);
        }
        let under_way = self.of_runner(sync.runner).filter(|(job, claim)| {
            let it = &self.jobs[*job].attempts[*claim];
            let listed = sync.held.iter().any(|held| held.attempt_id == it.id);
            matches!(it.attempt.stage, Stage::Assigned { .. }) && !listed
        });
        if under_way.count() >= sync.free_slots {
            return Ok(false);
        }
        let now = self.now;
        let at = &mut self.jobs[job];
        let Ok(state) = job::next(at.state, job::Event::Claimed) else {
            return Ok(false);
        };
        let attempt = attempt::claimed(at.fence, now);
        at.move_to(state)?;
        at.fence = attempt.fence;
        let number = (job as u128) << 64 | u128::from(attempt.fence);
        at.attempts.push(Claim {
            id: AttemptId(Uuid::from_u128(number)),
            runner: sync.runner,
            attempt,
            ends_by: now.plus_millis(DEADLINE_MS),
            kept: Vec::new(),
            outcomes: 0,
            manifest: None,
        });
        Ok(true)
    }

    pub(super) fn cancel(&mut self, job: usize) -> Result<(), String> {
        let Ok(state) = job::next(self.jobs[job].state, job::Event::CancelRequested) else {
            return Ok(());
        };
        if state != JobState::InProgress {
            return self.jobs[job].move_to(state);
        }
        let newest = self.jobs[job].attempts.len() - 1;
        self.apply(job, newest, Event::CancelRequested)?
            .map(drop)
            .map_err(|refused| format!("a job in progress cannot be called off: {refused}"))
    }

    /// What a reconciler does about the clock.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        for job in 0..self.jobs.len() {
            for claim in 0..self.jobs[job].attempts.len() {
                let ends_by = self.jobs[job].attempts[claim].ends_by;
                for event in [Event::Checked, Event::Overdue { ends_by }] {
                    self.apply(job, claim, event)?
                        .map_err(|refused| format!("a look at the clock is refused: {refused}"))?;
                }
            }
        }
        Ok(())
    }

    /// Deletes objects that no row names and that are old.
    pub(super) fn sweep_objects(&mut self) {
        let patient = self.broken != Some(Broken::OrphansNotQuarantined);
        let (jobs, now) = (&self.jobs, self.now);
        self.objects.retain(|(id, part), stored_at| {
            let claims = jobs
                .iter()
                .flat_map(|job| job.attempts.iter().map(move |claim| (job, claim)));
            let found = claims.into_iter().find(|(_, claim)| claim.id == *id);
            let claim = found.map(|(_, claim)| claim);
            let named = claim
                .and_then(|claim| claim.manifest.as_ref())
                .is_some_and(|manifest| manifest.contains(part));
            let waits = patient && found.is_some_and(|(job, claim)| claim.may_go_on(job));
            named || waits || (patient && now.millis_since(*stored_at) < QUARANTINE_MS)
        });
    }

    /// Answers a sync; none when it is out of order and refused.
    pub(super) fn sync(&mut self, sync: &Sync) -> Result<Option<Answer>, String> {
        let judged = sync_order::judge(self.newest[sync.runner], sync.position);
        if judged.is_err() && self.broken != Some(Broken::OldSyncCounts) {
            return Ok(None);
        }
        self.newest[sync.runner] = Some(sync.position);
        let mut answer = Answer::to(sync);
        for listed in &sync.held {
            let event = Event::Listed {
                fence: listed.fence,
                phase: listed.phase,
                worker_answered_ms_ago: listed.worker_answered_ms_ago,
            };
            let (job, claim) = self.find(listed.attempt_id)?;
            match self.apply(job, claim, event)? {
                Ok(effects) => {
                    if effects.contains(&Effect::Grant) {
                        self.granted.insert(listed.attempt_id, self.passed_ms);
                        answer.grants.push(LeaseGrant {
                            attempt_id: listed.attempt_id,
                            fence: listed.fence,
                            lease_ms: LeaseTerms::default().lease_ms,
                        });
                    }
                    if self.jobs[job].attempts[claim].attempt.cancel_by.is_some() {
                        answer.cancels.push(listed.attempt_id);
                    }
                }
                Err(refused) => answer.stops.push(StopAttempt {
                    attempt_id: listed.attempt_id,
                    reason: refused.stop_reason(),
                }),
            }
        }
        let own: Vec<_> = self.of_runner(sync.runner).collect();
        for (job, claim) in own {
            let id = self.jobs[job].attempts[claim].id;
            if !sync.held.iter().any(|held| held.attempt_id == id) {
                self.apply(job, claim, Event::Unlisted)?
                    .map_err(|refused| format!("forgetting is refused: {refused}"))?;
            }
        }
        answer.assignments = self.assignments(sync.runner);
        Ok(Some(answer))
    }

    /// What was handed to a runner and that it has not listed yet.
    pub(super) fn assignments(&self, runner: usize) -> Vec<(AttemptId, u64)> {
        self.of_runner(runner)
            .map(|(job, claim)| &self.jobs[job].attempts[claim])
            .filter(|it| matches!(it.attempt.stage, Stage::Assigned { .. }))
            .map(|it| (it.id, it.attempt.fence))
            .collect()
    }

    /// Keeps entries; returns how many there are, and the outcome that was among them.
    pub(super) fn keep(&mut self, id: AttemptId, upload: &Upload) -> Result<u64, String> {
        let ignored = self.broken == Some(Broken::NumbersIgnored);
        let (job, claim) = self.find(id)?;
        let kept = &mut self.jobs[job].attempts[claim].kept;
        let known = kept.len() as u64;
        let numbers = upload.first..upload.first + upload.entries.len() as u64;
        let skip = match numbering::plan(known, numbers) {
            _ if ignored => 0,
            Ok(taken) => taken.skip,
            Err(_) => return Ok(known),
        };
        let new = upload.entries.iter().skip(skip);
        kept.extend(new.filter(|entry| matches!(entry, Entry::Said(_))));
        Ok(kept.len() as u64)
    }

    fn of_runner(&self, runner: usize) -> impl Iterator<Item = (usize, usize)> {
        let jobs = self.jobs.iter().enumerate();
        jobs.flat_map(move |(n, job)| {
            let claims = job.attempts.iter().enumerate();
            claims
                .filter(move |(_, claim)| claim.runner == runner)
                .map(move |(claim, _)| (n, claim))
        })
    }

    pub(super) fn find(&self, id: AttemptId) -> Result<(usize, usize), String> {
        for (job, at) in self.jobs.iter().enumerate() {
            if let Some(claim) = at.attempts.iter().position(|claim| claim.id == id) {
                return Ok((job, claim));
            }
        }
        Err(format!("{id} was never handed out"))
    }

    pub(super) fn apply(
        &mut self,
        job: usize,
        claim: usize,
        event: Event,
    ) -> Result<Result<Vec<Effect>, Refused>, String> {
        let up_since = match self.broken {
            Some(Broken::OutageIsSilence) => Timestamp(0),
            _ => self.alive.0,
        };
        let ignored = self.broken == Some(Broken::FenceIgnored);
        self.jobs[job].apply(claim, event, self.now, up_since, ignored)
    }
}
