//! One look at the queue: each job, in its turn, to the first parked sync that can take it.

use std::collections::{BTreeMap, HashMap};

use lifecycle::{
    limits::{JobUse, held_by},
    queue::{Came, Queue, Submitter, Waiting as QueuedTurn},
    routing::{RunnerFacts, why_not},
};
use protocol::{
    ids::{AccountId, JobId, RunnerId},
    job::Refusal,
    time::Timestamp,
};
use store::{Claim, Claimed, QueueAsk, QueueLook, QueuedJob};

use super::parked::Waiting;
use crate::{
    app::App,
    changes,
    facts::{self, Local},
};

/// Most jobs of one lane that a look reads.
const OF_A_LANE_MAX: u32 = 64;

/// A parked sync with what is left of its free slots in this round.
struct Candidate {
    waiting: Waiting,
    free: u32,
}

/// Gives out what can be given out now.
pub(super) async fn give_out(app: &App) -> Result<(), store::Error> {
    let mut round = Round {
        app,
        candidates: candidates(app),
        look: QueueLook::default(),
        refused: HashMap::new(),
    };
    while !round.candidates.is_empty() && round.look_and_give().await? {}
    Ok(())
}

fn candidates(app: &App) -> Vec<Candidate> {
    app.scheduler
        .waiting()
        .into_iter()
        .map(|waiting| Candidate {
            free: waiting.runner.slots.free,
            waiting,
        })
        .filter(|candidate| candidate.free > 0)
        .collect()
}

struct Round<'a> {
    app: &'a App,
    /// Who has waited longest comes first.
    candidates: Vec<Candidate>,
    look: QueueLook,
    /// What runners did not take a short while ago.
    refused: HashMap<(RunnerId, JobId), Refusal>,
}

impl Round<'_> {
    /// One look, and everything that follows from it; whether another one could find more.
    async fn look_and_give(&mut self) -> Result<bool, store::Error> {
        let free: u32 = self.candidates.iter().map(|candidate| candidate.free).sum();
        let ask = QueueAsk {
            runners: self
                .candidates
                .iter()
                .map(|candidate| candidate.waiting.runner.id)
                .collect(),
            of_a_lane: free.clamp(1, OF_A_LANE_MAX),
            quotas: self.app.config.plans().monthly_quotas(),
            counts_storage: self.app.config.plans().limit_storage(),
        };
        let now = self.app.store.now(self.app.now()).await?;
        self.look = self.app.store.look_at_queue(&ask, now).await?;
        if self.look.jobs.is_empty() {
            return Ok(false);
        }
        self.refused = refused(self.app, now).await?;
        let jobs: HashMap<JobId, QueuedJob> = std::mem::take(&mut self.look.jobs)
            .into_iter()
            .map(|job| (job.id, job))
            .collect();
        let mut queue = Queue::new(
            jobs.values().map(turn).collect(),
            submitters(self.app, &self.look, &jobs),
        );
        let mut left = HashMap::new();
        for job in jobs.values() {
            *left.entry(job.lane.as_str()).or_insert(0_u32) += 1;
        }
        let mut used_up = false;
        while let Some(next) = queue.next().cloned() {
            if self.candidates.is_empty() {
                return Ok(false);
            }
            let Some(job) = jobs.get(&next.id) else {
                queue.came(&next, Came::Gone);
                continue;
            };
            let came = self.give(job, now).await?;
            queue.came(&next, came);
            let remaining = left.entry(job.lane.as_str()).or_default();
            *remaining = remaining.saturating_sub(1);
            // A lane whose every job that was read went away may hold more.
            used_up |= came != Came::Passed && *remaining == 0;
        }
        Ok(used_up)
    }

    async fn give(&mut self, job: &QueuedJob, now: Timestamp) -> Result<Came, store::Error> {
        if self.is_held(job, now) {
            return Ok(Came::Passed);
        }
        let wanted = facts::of_queued(job);
        let mut place = 0;
        while let Some(candidate) = self.candidates.get(place) {
            if why_not(&wanted, &self.able(job, candidate, now)).is_err() {
                place += 1;
                continue;
            }
            match claim(self.app, job, &candidate.waiting).await? {
                Claimed::Done(at) => {
                    changes::attempt(self.app, at);
                    self.app.scheduler.wake(at.runner_id);
                    self.took(place, job);
                    return Ok(Came::Taken);
                }
                Claimed::JobGone => return Ok(Came::Gone),
                Claimed::Held(_) => return Ok(Came::Passed),
                Claimed::RunnerGone => {
                    self.candidates.remove(place);
                }
                Claimed::Refused(_) => place += 1,
            }
        }
        Ok(Came::Passed)
    }

    /// Whether a limit holds the job back that has nothing to do with its turn.
    fn is_held(&self, job: &QueuedJob, now: Timestamp) -> bool {
        let plans = self.app.config.plans();
        let mut limits = plans.job_limits(&job.submitter_email, &job.owner_email);
        // Turns count the jobs under way, and the look left out what is beyond the month's.
        (limits.concurrent_jobs, limits.monthly_jobs) = (None, None);
        let stored = self.look.storage_bytes.get(&job.owner);
        let used = JobUse {
            under_way: 0,
            submitted_at: now,
            number_in_month: 0,
            storage_bytes: stored.copied().unwrap_or_default(),
        };
        held_by(&limits, &used, now).is_some()
    }

    fn able<'c>(
        &'c self,
        job: &QueuedJob,
        candidate: &'c Candidate,
        now: Timestamp,
    ) -> RunnerFacts<'c> {
        let runner = &candidate.waiting.runner;
        let place = self.look.places.get(&(runner.id, job.workspace_id));
        let others = self.look.others_under_way.get(&runner.id);
        let local = Local {
            place: place.copied(),
            others_under_way: others.copied().unwrap_or_default(),
            // A parked sync is the best proof that its runner is online.
            online: true,
            free_slots: candidate.free,
            now,
        };
        RunnerFacts {
            refused: self.refused.get(&(runner.id, job.id)),
            ..facts::of_runner(runner, &local)
        }
    }

    /// Whoever got something stands last now, so that work spreads.
    fn took(&mut self, place: usize, job: &QueuedJob) {
        let mut taken = self.candidates.remove(place);
        let runner = &taken.waiting.runner;
        if runner.account_id != job.created_by {
            *self.look.others_under_way.entry(runner.id).or_default() += 1;
        }
        taken.free -= 1;
        if taken.free > 0 {
            self.candidates.push(taken);
        }
    }
}

async fn refused(
    app: &App,
    now: Timestamp,
) -> Result<HashMap<(RunnerId, JobId), Refusal>, store::Error> {
    let refusals = app.store.recent_refusals(now).await?;
    let keyed = refusals
        .into_iter()
        .map(|one| ((one.runner_id, one.job_id), one.refusal));
    Ok(keyed.collect())
}

fn turn(job: &QueuedJob) -> QueuedTurn {
    QueuedTurn {
        id: job.id,
        submitter: job.created_by,
        priority: job.priority,
        since: job.ready_at,
        lane: job.lane.clone(),
    }
}

fn submitters(
    app: &App,
    look: &QueueLook,
    jobs: &HashMap<JobId, QueuedJob>,
) -> BTreeMap<AccountId, Submitter> {
    let plans = app.config.plans();
    jobs.values()
        .map(|job| {
            let (_, plan) = plans.of(&job.submitter_email);
            let under_way = look.under_way.get(&job.created_by);
            let submitter = Submitter {
                under_way: under_way.copied().unwrap_or_default(),
                limit: plan.concurrent_jobs,
            };
            (job.created_by, submitter)
        })
        .collect()
}

async fn claim(app: &App, job: &QueuedJob, waiting: &Waiting) -> Result<Claimed, store::Error> {
    let plans = app.config.plans();
    let claim = Claim {
        job_id: job.id,
        runner_id: waiting.runner.id,
        boot_number: waiting.position.boot_number,
        seq: waiting.position.seq,
        limits: plans.job_limits(&job.submitter_email, &job.owner_email),
        deadline_ms: app.config.jobs.default_deadline_ms(),
    };
    let now: Timestamp = app.store.now(app.now()).await?;
    let claimed = app.store.claim(claim, now).await?;
    failpoints::reached("coordinator.claim.committed");
    if matches!(claimed, Claimed::Done(_)) {
        metrics::counter!("coord_claims_total").increment(1);
    }
    Ok(claimed)
}
