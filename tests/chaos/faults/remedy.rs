//! How a fault is made good again, and when.

use std::time::Instant;

use whole::processes;

use crate::field::Field;

/// What makes a fault good again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    StartMachine(usize),
    ResumeMachine(usize),
    DisarmMachine(usize),
    ResumeProcess(u32),
    StartCoordinator(usize),
    ResumeCoordinator(usize),
    DisarmCoordinator(usize),
    StartDatabase,
    ResumeDatabase,
    MendNetwork(usize),
    MendDatabaseNetwork(usize),
}

/// Remedies and when they are due.
#[derive(Debug, Default)]
pub(crate) struct Due(Vec<(Instant, Remedy)>);

impl Due {
    /// Makes something good at `at`.
    pub(super) fn push(&mut self, at: Instant, remedy: Remedy) {
        self.0.push((at, remedy));
    }

    /// Whether something is broken that one of these mends.
    pub(super) fn has(&self, wanted: impl Fn(Remedy) -> bool) -> bool {
        self.0.iter().any(|(_, remedy)| wanted(*remedy))
    }

    /// Something else will make good what these would have.
    pub(super) fn forget(&mut self, wanted: impl Fn(Remedy) -> bool) {
        self.0.retain(|(_, remedy)| !wanted(*remedy));
    }

    /// Makes good what is due.
    pub(crate) fn mend(&mut self, field: &mut Field, now: Instant) {
        let (ready, later) = self.0.iter().partition(|(at, _)| *at <= now);
        self.0 = later;
        apply(field, ready);
    }

    /// Makes good everything, the database first: a coordinator without one gives up.
    pub(crate) fn mend_all(&mut self, field: &mut Field) {
        let mut all = std::mem::take(&mut self.0);
        all.sort_by_key(|(_, it)| !matches!(it, Remedy::StartDatabase | Remedy::ResumeDatabase));
        apply(field, all);
    }
}

fn apply(field: &mut Field, ready: Vec<(Instant, Remedy)>) {
    for (_, remedy) in ready {
        match remedy {
            Remedy::StartMachine(n) => field.machines[n].start(&field.stage),
            Remedy::ResumeMachine(n) => field.machines[n].signal("CONT"),
            Remedy::DisarmMachine(n) => {
                let one = &mut field.machines[n];
                if one.armed.is_some() {
                    one.end("KILL");
                    one.start(&field.stage);
                }
            }
            Remedy::ResumeProcess(id) => processes::signal(id, "CONT"),
            Remedy::StartCoordinator(n) => field.coordinators[n].start(&field.stage),
            Remedy::ResumeCoordinator(n) => {
                if let Some(child) = &field.coordinators[n].child {
                    processes::signal(child.id(), "CONT");
                }
            }
            Remedy::DisarmCoordinator(n) => {
                let one = &mut field.coordinators[n];
                if one.armed.is_some() {
                    one.end("KILL");
                    one.start(&field.stage);
                }
            }
            Remedy::StartDatabase => field.postgres.start_again().unwrap(),
            Remedy::ResumeDatabase => field.postgres.resume(),
            Remedy::MendNetwork(n) => field.machines[n].network.set_fault(None),
            Remedy::MendDatabaseNetwork(n) => field.coordinators[n].database.set_fault(None),
        }
    }
}
