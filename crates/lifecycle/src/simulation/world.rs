//! Coordinator, runners and network together, and the promises that are checked.

use proptest::sample::Index;
use protocol::{
    ids::AttemptId,
    job::{JobState, OutcomeKind},
    limits::{LEASE_GRACE_MS, LEASE_MS},
    runner::{HeldAttempt, LeaseGrant, StopAttempt, StopReason},
};

use super::{coordinator::Coordinator, runner::Runner};
use crate::{attempt::Stage, held, sync_order::Position};

pub(super) const RUNNERS: usize = 2;
pub(super) const JOBS: usize = 2;
/// More rounds than any history needs to come to an end.
const CALM_ROUNDS_MAX: usize = 400;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Wait(u64),
    Reconcile,
    /// Long enough for a lease and its grace to pass unrenewed.
    Silence,
    /// A sync and its answer, without trouble; what else is under way stays so.
    Exchange(usize),
    /// Nothing arrives for that long; then coordinators are up anew.
    CoordinatorAway(u64),
    Claim {
        job: usize,
        runner: usize,
    },
    Cancel(usize),
    Sync(usize),
    Work(usize),
    Finish {
        runner: usize,
        well: bool,
    },
    Upload {
        runner: usize,
        most: usize,
    },
    WorkerAnswers {
        runner: usize,
        answers: bool,
    },
    Crash(usize),
    Deliver(Index),
    Lose(Index),
    Repeat(Index),
}

/// One entry of a record; what an agent said carries its fence and number, to be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Said(u64, u64),
    Ended(OutcomeKind),
}

#[derive(Debug, Clone)]
pub(super) struct Sync {
    pub(super) runner: usize,
    pub(super) position: Position,
    pub(super) sent_at_ms: u64,
    pub(super) held: Vec<HeldAttempt>,
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    runner: usize,
    pub(super) position: Position,
    pub(super) sent_at_ms: u64,
    pub(super) listed: Vec<AttemptId>,
    pub(super) grants: Vec<LeaseGrant>,
    pub(super) stops: Vec<StopAttempt>,
    pub(super) assignments: Vec<(AttemptId, u64)>,
}

impl Answer {
    pub(super) fn to(sync: &Sync) -> Self {
        Self {
            runner: sync.runner,
            position: sync.position,
            sent_at_ms: sync.sent_at_ms,
            listed: sync.held.iter().map(|held| held.attempt_id).collect(),
            grants: Vec::new(),
            stops: Vec::new(),
            assignments: Vec::new(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) runner: usize,
    pub(super) attempt_id: AttemptId,
    pub(super) fence: u64,
    pub(super) first: u64,
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
enum Message {
    Sync(Sync),
    Answer(Answer),
    Upload(Upload),
    Kept {
        runner: usize,
        id: AttemptId,
        kept: u64,
    },
    Refused {
        runner: usize,
        id: AttemptId,
        reason: StopReason,
    },
}

pub(super) struct World {
    pub(super) coordinator: Coordinator,
    runners: Vec<Runner>,
    network: Vec<Message>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            coordinator: Coordinator::new(JOBS),
            runners: (0..RUNNERS).map(Runner::new).collect(),
            network: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, step: Step) {
        let now_ms = self.now_ms();
        match step {
            Step::Wait(ms) => self.wait(ms),
            Step::Reconcile => self.coordinator.reconcile(),
            Step::Silence => {
                self.wait(LEASE_MS + LEASE_GRACE_MS + 1);
                self.coordinator.reconcile();
            }
            Step::Exchange(runner) => {
                let sync = self.runners[runner].sync(now_ms);
                if let Some(answer) = self.coordinator.sync(&sync) {
                    self.runners[runner].answered(&answer);
                }
            }
            Step::CoordinatorAway(ms) => {
                self.wait(ms);
                self.coordinator.up_since = self.coordinator.now;
            }
            Step::Claim { job, runner } => self.coordinator.claim(job, runner),
            Step::Cancel(job) => self.coordinator.cancel(job),
            Step::Sync(runner) => {
                let sync = self.runners[runner].sync(now_ms);
                self.network.push(Message::Sync(sync));
            }
            Step::Work(runner) => self.runners[runner].work(),
            Step::Finish { runner, well } => {
                let outcome = if well {
                    OutcomeKind::Succeeded
                } else {
                    OutcomeKind::Interrupted
                };
                self.runners[runner].finish(now_ms, outcome);
            }
            Step::Upload { runner, most } => {
                let uploads = self.runners[runner].uploads(most);
                self.network
                    .extend(uploads.into_iter().map(Message::Upload));
            }
            Step::WorkerAnswers { runner, answers } => {
                self.runners[runner].set_worker_answers(answers);
            }
            Step::Crash(runner) => self.runners[runner].crash(),
            Step::Deliver(which) => {
                if !self.network.is_empty() {
                    let at = which.index(self.network.len());
                    let message = self.network.swap_remove(at);
                    self.deliver(message);
                }
            }
            Step::Lose(which) => {
                if !self.network.is_empty() {
                    self.network.swap_remove(which.index(self.network.len()));
                }
            }
            Step::Repeat(which) => {
                if !self.network.is_empty() {
                    let again = self.network[which.index(self.network.len())].clone();
                    self.network.push(again);
                }
            }
        }
    }

    pub(super) fn deliver_all(&mut self) {
        while !self.network.is_empty() {
            let message = self.network.remove(0);
            self.deliver(message);
        }
    }

    /// What must hold at every moment.
    pub(super) fn check(&self) {
        let now_ms = self.now_ms();
        for job in &self.coordinator.jobs {
            let mut live = 0;
            let mut publishing = 0;
            let mut successes = 0;
            for claim in &job.attempts {
                if matches!(
                    claim.attempt.stage,
                    Stage::Assigned { .. } | Stage::Held { .. }
                ) {
                    live += 1;
                    assert_eq!(claim.attempt.fence, job.fence, "an old fence is live");
                }
                assert!(claim.outcomes <= 1, "an outcome was accepted twice");
                successes += u32::from(claim.attempt.stage == Stage::Ended(OutcomeKind::Succeeded));
                let Some(work) = self.runners[claim.runner].attempts.get(&claim.id) else {
                    assert!(claim.kept.is_empty(), "kept what nobody wrote");
                    continue;
                };
                assert!(
                    work.written.starts_with(&claim.kept),
                    "the kept record is no prefix"
                );
                assert!(
                    work.acked <= claim.kept.len() as u64,
                    "acknowledged, but not kept"
                );
                let forgotten = claim.attempt.stage == Stage::Ended(OutcomeKind::Interrupted)
                    && claim.outcomes == 0;
                assert!(!(forgotten && work.listed), "taken for forgotten, but held");
                publishing += u32::from(held::may_publish(&work.held, now_ms));
            }
            assert!(live <= 1, "two fences are accepted at once");
            assert!(publishing <= 1, "two runners may publish at once");
            assert!(successes <= 1, "one job succeeded twice");
            assert_eq!(job.state == JobState::InProgress, live == 1);
            assert_eq!(job.state == JobState::Done, successes == 1);
        }
    }

    /// From now on nothing goes wrong: every job has to end, and every entry has to arrive.
    pub(super) fn calm_down(&mut self) {
        self.network.clear();
        for runner in &mut self.runners {
            runner.set_worker_answers(true);
        }
        for _ in 0..CALM_ROUNDS_MAX {
            for job in 0..JOBS {
                self.take(Step::Claim {
                    job,
                    runner: job % RUNNERS,
                });
            }
            for runner in 0..RUNNERS {
                for step in [
                    Step::Sync(runner),
                    Step::Work(runner),
                    Step::Finish { runner, well: true },
                    Step::Upload { runner, most: 100 },
                ] {
                    self.take(step);
                    self.deliver_all();
                    self.check();
                }
            }
            self.take(Step::Wait(5_000));
            self.take(Step::Reconcile);
            self.check();
            if self.is_over() {
                return;
            }
        }
        panic!("the jobs did not come to an end");
    }

    fn is_over(&self) -> bool {
        let all_sent = self.runners.iter().all(|runner| {
            runner
                .attempts
                .values()
                .all(|work| !work.listed && work.acked == work.written.len() as u64)
        });
        all_sent && self.coordinator.jobs.iter().all(|job| job.state.is_final())
    }

    fn deliver(&mut self, message: Message) {
        match message {
            Message::Sync(sync) => {
                if let Some(answer) = self.coordinator.sync(&sync) {
                    self.network.push(Message::Answer(answer));
                }
            }
            Message::Answer(answer) => self.runners[answer.runner].answered(&answer),
            Message::Upload(upload) => {
                let (runner, id) = (upload.runner, upload.attempt_id);
                self.network.push(match self.coordinator.upload(&upload) {
                    Ok(kept) => Message::Kept { runner, id, kept },
                    Err(refused) => Message::Refused {
                        runner,
                        id,
                        reason: refused.stop_reason(),
                    },
                });
            }
            Message::Kept { runner, id, kept } => self.runners[runner].acknowledged(id, kept),
            Message::Refused { runner, id, reason } => {
                self.runners[runner].outcome_refused(id, reason);
            }
        }
    }

    fn wait(&mut self, ms: u64) {
        self.coordinator.now = self.coordinator.now.plus_millis(ms);
    }

    fn now_ms(&self) -> u64 {
        self.coordinator.now.0.unsigned_abs()
    }
}
