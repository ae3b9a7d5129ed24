//! Places between a decision and its acknowledgement, where a process ends when it comes there.

use std::time::Duration;

use failpoints::{COORDINATOR, RUNNER, WORKER};

use super::{Remedy, Weather};
use crate::{dice::Dice, field::Field};

/// How long a process may take to come to its place.
const ARMED_MAX: Duration = Duration::from_secs(12);

/// All places in some order: each comes before any comes again.
#[derive(Debug)]
pub(super) struct Places {
    order: Vec<&'static str>,
    next: usize,
}

impl Places {
    /// In an order that chance makes.
    pub(super) fn shuffled(dice: &mut Dice) -> Self {
        let mut order: Vec<_> = RUNNER
            .iter()
            .chain(WORKER)
            .chain(COORDINATOR)
            .copied()
            .collect();
        for at in (1..order.len()).rev() {
            order.swap(at, dice.place(at + 1));
        }
        Self { order, next: 0 }
    }

    fn is_at(&self) -> &'static str {
        self.order[self.next % self.order.len()]
    }
}

impl Weather {
    /// Starts a service or a coordinator anew, to end at the next place in turn.
    pub(super) fn arm(
        &mut self,
        field: &mut Field,
        machine: usize,
        coordinator: usize,
    ) -> Option<String> {
        let place = self.places.as_ref()?.is_at();
        // Tokens are renewed once after a start, and a worker has one way; everything else comes often.
        let times = match self.dice.between(1, 3) {
            _ if place.contains("tokens") || WORKER.contains(&place) => 1,
            times => times,
        };
        let (name, remedy) = if RUNNER.contains(&place) || WORKER.contains(&place) {
            let number = next(machine, field.machines.len(), |n| {
                let one = &field.machines[n];
                one.child.is_some() && one.armed.is_none() && !self.is_service_broken(n)
            })?;
            let one = &mut field.machines[number];
            one.end("KILL");
            one.start_armed(&field.stage, place, times);
            (one.name.clone(), Remedy::DisarmMachine(number))
        } else {
            let number = next(coordinator, field.coordinators.len(), |n| {
                let one = &field.coordinators[n];
                let suspended = Remedy::ResumeCoordinator(n);
                one.child.is_some() && one.armed.is_none() && !self.due.has(|it| it == suspended)
            })?;
            let one = &mut field.coordinators[number];
            one.end("KILL");
            one.start_armed(&field.stage, place, times);
            (one.name.clone(), Remedy::DisarmCoordinator(number))
        };
        if let Some(places) = &mut self.places {
            places.next += 1;
        }
        self.due_after(ARMED_MAX, remedy);
        Some(format!("{name} will end at {place}, the {times}. time"))
    }
}

/// The first that can be used, beginning with the one that chance named.
fn next(first: usize, count: usize, usable: impl Fn(usize) -> bool) -> Option<usize> {
    (0..count)
        .map(|step| (first + step) % count)
        .find(|number| usable(*number))
}

#[test]
fn each_place_comes_before_any_comes_again() {
    let mut places = Places::shuffled(&mut Dice::new(3));
    let count = RUNNER.len() + WORKER.len() + COORDINATOR.len();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..count {
        assert!(seen.insert(places.is_at()));
        places.next += 1;
    }
    assert!(!seen.insert(places.is_at()));
}
