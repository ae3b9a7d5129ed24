//! After the storm: nothing goes wrong any more, and everything has to come to an end.

use super::{
    step::{Fate, Step},
    store::QUARANTINE_MS,
    world::{COORDINATORS, JOBS, RUNNERS, World},
};

/// More rounds than any history needs to come to an end.
const ROUNDS_MAX: usize = 600;

impl World {
    /// Every job has to end, every entry has to arrive, and nothing that no row names may stay.
    pub(super) fn calm_down(&mut self) -> Result<(), String> {
        self.network.clear();
        for at in 0..COORDINATORS {
            self.coordinators[at].crash();
            self.take(Step::CoordinatorStart(at))?;
        }
        for runner in &mut self.runners {
            runner.worker_answers = true;
            runner.asleep = false;
            runner.paused = false;
            runner.drains = false;
        }
        for round in 0..ROUNDS_MAX {
            for runner in 0..RUNNERS {
                self.calm_round(runner, (round + runner) % COORDINATORS)?;
            }
            self.take(Step::Wait(20_000))?;
            self.take(Step::Reconcile(round % COORDINATORS))?;
            if self.is_over() {
                return self.clean_up();
            }
        }
        Err(format!(
            "the jobs did not come to an end: {:?}",
            self.store
                .jobs
                .iter()
                .map(|job| job.state)
                .collect::<Vec<_>>()
        ))
    }

    fn calm_round(&mut self, runner: usize, at: usize) -> Result<(), String> {
        self.take(Step::Sync(runner))?;
        self.deliver_all(at, true)?;
        self.take(Step::Look(at))?;
        for job in 0..JOBS {
            let fate = Fate::Well;
            self.take(Step::Hand { at, job, fate })?;
        }
        self.take(Step::LetGo(at))?;
        self.deliver_all(at, true)?;
        for step in [
            Step::Work(runner),
            Step::Finish { runner, well: true },
            Step::Upload { runner, most: 100 },
            Step::Publish(runner),
            Step::Publish(runner),
            Step::Upload { runner, most: 100 },
        ] {
            self.take(step)?;
            self.deliver_all(at, false)?;
        }
        Ok(())
    }

    fn deliver_all(&mut self, at: usize, parks: bool) -> Result<(), String> {
        while !self.network.is_empty() {
            let message = self.network.remove(0);
            self.deliver(message, at, parks, Fate::Well)?;
            self.check()?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let all_sent = self.runners.iter().all(|runner| {
            runner
                .attempts
                .values()
                .all(|work| !work.listed && work.acked == work.written.len() as u64)
        });
        all_sent && self.store.jobs.iter().all(|job| job.state.is_final())
    }

    fn clean_up(&mut self) -> Result<(), String> {
        self.take(Step::Wait(QUARANTINE_MS + 1))?;
        self.take(Step::SweepObjects(0))?;
        let claims = || self.store.jobs.iter().flat_map(|job| &job.attempts);
        let named: usize = claims()
            .filter_map(|claim| claim.manifest.as_ref())
            .map(Vec::len)
            .sum();
        if self.store.objects.len() == named {
            return Ok(());
        }
        Err("an object that no row names has stayed".to_owned())
    }
}
