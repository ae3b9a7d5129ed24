//! Coordinators, their database, runners and the network together.

use protocol::{
    job::OutcomeKind,
    limits::{LEASE_GRACE_MS, LEASE_MS},
};

use super::{
    broken::Broken,
    coordinator::Coordinator,
    promises::Seen,
    runner::Runner,
    step::{Fate, Step},
    store::Store,
    wire::{Call, Message, Reply},
};

pub(super) const RUNNERS: usize = 2;
pub(super) const COORDINATORS: usize = 2;
pub(super) const JOBS: usize = 3;
/// Coordinators look at the clock at least so often while they work.
const LOOK_MS: u64 = 20_000;
/// Jumps of the database's clock that nobody notices, in all: what the grace is there for.
const JUMPS_MS_MAX: i64 = 200_000;

pub(super) struct World {
    pub(super) store: Store,
    pub(super) coordinators: Vec<Coordinator>,
    pub(super) runners: Vec<Runner>,
    pub(super) network: Vec<Message>,
    words: u64,
    jumped_ms: i64,
    pub(super) seen: Seen,
}

impl World {
    pub(super) fn new(broken: Option<Broken>) -> Self {
        let mut world = Self {
            store: Store::new(JOBS),
            coordinators: (0..COORDINATORS).map(|_| Coordinator::new()).collect(),
            runners: (0..RUNNERS).map(Runner::new).collect(),
            network: Vec::new(),
            words: 0,
            jumped_ms: 0,
            seen: Seen::default(),
        };
        world.store.broken = broken;
        for runner in &mut world.runners {
            runner.broken = broken;
        }
        world
    }

    /// Takes a step, and looks whether every promise was kept.
    pub(super) fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Wait(ms) => self.wait(ms),
            Step::Silence => {
                let mut left = LEASE_MS + LEASE_GRACE_MS + LOOK_MS;
                while left > 0 {
                    self.wait(LOOK_MS.min(left));
                    self.reconcile(0)?;
                    left -= LOOK_MS.min(left);
                }
            }
            Step::ClockJump(by_ms) => self.clock_jump(by_ms),
            Step::Reconcile(at) => self.reconcile(at)?,
            Step::SweepObjects(at) => {
                if self.coordinators[at].is_up {
                    self.store.sweep_objects();
                }
            }
            Step::CoordinatorCrash(at) => self.coordinators[at].crash(),
            Step::CoordinatorStart(at) => self.coordinators[at].is_up = true,
            Step::Look(at) => self.coordinators[at].look(&self.store),
            Step::Hand { at, job, fate } => {
                let reply = self.coordinators[at].hand(&mut self.store, job, fate)?;
                self.send(reply);
            }
            Step::LetGo(at) => {
                for reply in self.coordinators[at].let_go() {
                    self.send(Some(reply));
                }
            }
            Step::Cancel(job) => self.store.cancel(job)?,
            Step::Deliver {
                which,
                at,
                parks,
                fate,
            } => {
                if let Some(message) = self.pick(which) {
                    self.deliver(message, at, parks, fate)?;
                }
            }
            Step::DeliverAndCrash { which, after } => self.deliver_and_crash(which, after),
            Step::Lose(which) => {
                self.pick(which);
            }
            Step::Repeat(which) => {
                if !self.network.is_empty() {
                    let again = self.network[which % self.network.len()].clone();
                    self.network.push(again);
                }
            }
            step => self.on_machine(step)?,
        }
        self.check()
    }

    fn on_machine(&mut self, step: Step) -> Result<(), String> {
        let now_ms = self.store.passed_ms;
        let Some(runner) = machine_of(step).map(|n| &mut self.runners[n]) else {
            return Ok(());
        };
        if runner.asleep && !matches!(step, Step::Wake(_)) {
            return Ok(());
        }
        let clocks = runner.clocks(now_ms);
        match step {
            Step::Sync(_) if !runner.drains || !runner.attempts.is_empty() => {
                let sync = runner.sync(now_ms);
                self.network.push(Message::Call(Call::Sync(sync)));
            }
            Step::Exchange { runner: n, at } => {
                let call = Call::Sync(runner.sync(now_ms));
                let coordinator = &mut self.coordinators[at];
                let reply = coordinator.take(&mut self.store, call, false, Fate::Well)?;
                if let Some((_, reply)) = reply {
                    self.runners[n].heard(&reply, now_ms, usize::MAX);
                }
            }
            Step::Work(_) => {
                for work in runner.attempts.values_mut() {
                    self.words += 1;
                    work.goes_on(clocks, self.words);
                }
            }
            Step::AgentFails { quota_ms, .. } => {
                for work in runner.attempts.values_mut() {
                    work.agent_fails(quota_ms, clocks);
                }
            }
            Step::Finish { well, .. } => runner.finish(if well {
                OutcomeKind::Succeeded
            } else {
                OutcomeKind::Interrupted
            }),
            Step::Publish(n) => {
                let before = self.runners[n].handed_over();
                let calls = self.runners[n].publish(now_ms);
                self.check_publishing(n, &before, &calls)?;
                self.network.extend(calls.into_iter().map(Message::Call));
            }
            Step::Upload { most, .. } => {
                let calls = runner.uploads(most);
                self.network.extend(calls.into_iter().map(Message::Call));
            }
            Step::Refuse(_) => {
                let calls = runner.refuse();
                self.network.extend(calls.into_iter().map(Message::Call));
            }
            Step::WorkerAnswers { answers, .. } => runner.worker_answers = answers,
            Step::Pause { paused, .. } => runner.paused = paused,
            Step::Drain { drains, .. } => runner.drains = drains,
            Step::Crash(_) => runner.crash(),
            Step::Sleep(_) => runner.asleep = true,
            Step::Wake(_) => runner.asleep = false,
            Step::CalendarJump { by_ms, .. } => runner.calendar_ahead_ms += by_ms,
            _ => {}
        }
        Ok(())
    }

    fn pick(&mut self, which: usize) -> Option<Message> {
        if self.network.is_empty() {
            return None;
        }
        Some(self.network.swap_remove(which % self.network.len()))
    }

    fn send(&mut self, reply: Option<(usize, Reply)>) {
        if let Some((runner, reply)) = reply {
            self.network.push(Message::Reply { runner, reply });
        }
    }

    pub(super) fn deliver(
        &mut self,
        message: Message,
        at: usize,
        parks: bool,
        fate: Fate,
    ) -> Result<(), String> {
        match message {
            Message::Call(call) => {
                let reply = self.coordinators[at].take(&mut self.store, call, parks, fate)?;
                self.send(reply);
            }
            Message::Reply { runner, reply } if self.runners[runner].asleep => {
                // It waits in the machine until that wakes.
                self.network.push(Message::Reply { runner, reply });
            }
            Message::Reply { runner, reply } => {
                self.runners[runner].heard(&reply, self.store.passed_ms, usize::MAX);
            }
        }
        Ok(())
    }

    fn deliver_and_crash(&mut self, which: usize, after: usize) {
        match self.pick(which) {
            Some(Message::Reply { runner, reply }) if !self.runners[runner].asleep => {
                self.runners[runner].heard(&reply, self.store.passed_ms, after);
                self.runners[runner].crash();
            }
            Some(other) => self.network.push(other),
            None => {}
        }
    }

    fn reconcile(&mut self, at: usize) -> Result<(), String> {
        if !self.coordinators[at].is_up {
            return Ok(());
        }
        if self.store.touch_alive() {
            self.seen.outages += 1;
        }
        self.store.settle()
    }

    fn clock_jump(&mut self, by_ms: i64) {
        // The last quarter of the chances is an hour: coordinators take that for an outage.
        let by_ms = if by_ms > 15_000 { 3_600_000 } else { by_ms };
        if (1..3_600_000).contains(&by_ms) {
            if self.jumped_ms + by_ms > JUMPS_MS_MAX {
                return;
            }
            self.jumped_ms += by_ms;
        }
        self.store.now.0 += by_ms;
    }

    fn wait(&mut self, ms: u64) {
        self.store.passed_ms += ms;
        self.store.now = self.store.now.plus_millis(ms);
    }

    pub(super) fn own_ms(&self, runner: usize) -> u64 {
        self.runners[runner].clocks(self.store.passed_ms).now_ms
    }
}

const fn machine_of(step: Step) -> Option<usize> {
    match step {
        Step::Sync(n)
        | Step::Work(n)
        | Step::Publish(n)
        | Step::Refuse(n)
        | Step::Crash(n)
        | Step::Sleep(n)
        | Step::Wake(n)
        | Step::Exchange { runner: n, .. }
        | Step::AgentFails { runner: n, .. }
        | Step::Finish { runner: n, .. }
        | Step::Upload { runner: n, .. }
        | Step::WorkerAnswers { runner: n, .. }
        | Step::Pause { runner: n, .. }
        | Step::Drain { runner: n, .. }
        | Step::CalendarJump { runner: n, .. } => Some(n),
        _ => None,
    }
}
