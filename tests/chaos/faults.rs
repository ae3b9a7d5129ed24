//! What is done to the programs, and how it is made good again.

mod kind;
mod machine;
mod network;
mod places;
mod remedy;
mod shared;

use std::time::{Duration, Instant};

use crate::{dice::Dice, field::Field};

pub(crate) use kind::Kind;
use places::Places;
use remedy::{Due, Remedy};

/// How long things are left broken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    /// Lease and grace together.
    pub(crate) patience: Duration,
    /// How long the database may be suspended.
    pub(crate) database: Duration,
}

/// What goes wrong by chance, and what is broken now.
pub(crate) struct Weather {
    dice: Dice,
    lengths: Lengths,
    due: Due,
    /// Where processes can be made to end; none in programs that know no such places.
    places: Option<Places>,
}

impl Weather {
    /// What this seed throws.
    pub(crate) fn of(seed: u64, lengths: Lengths, with_places: bool) -> Self {
        let mut dice = Dice::of(seed, u64::MAX);
        Self {
            places: with_places.then(|| Places::shuffled(&mut dice)),
            dice,
            lengths,
            due: Due::default(),
        }
    }

    /// What comes next, by chance.
    pub(crate) fn next(&mut self) -> Kind {
        // There are so many places that each third fault has to be one.
        if self.places.is_some() && self.dice.between(1, 3) == 1 {
            return Kind::EndedAtPlace;
        }
        Kind::any(&mut self.dice)
    }

    /// A pause within these bounds, in milliseconds.
    pub(crate) fn pause(&mut self, (least, most): (u64, u64)) -> Duration {
        Duration::from_millis(self.dice.between(least, most))
    }

    /// Makes good what is due.
    pub(crate) fn mend(&mut self, field: &mut Field) {
        self.due.mend(field, Instant::now());
    }

    /// Makes good everything.
    pub(crate) fn mend_all(&mut self, field: &mut Field) {
        self.due.mend_all(field);
    }

    /// Does it, if there is something to do it to; says to what.
    pub(crate) fn cause(&mut self, kind: Kind, field: &mut Field) -> Option<String> {
        let machine = self.dice.place(field.machines.len());
        let coordinator = self.dice.place(field.coordinators.len());
        match kind {
            Kind::ServiceKilled | Kind::ServiceDetached | Kind::ServiceSuspended => {
                self.service(kind, field, machine)
            }
            Kind::WorkerKilled | Kind::WorkerSuspended | Kind::AgentKilled => {
                self.process(kind, field, machine)
            }
            Kind::CoordinatorKilled | Kind::CoordinatorRestarted | Kind::CoordinatorSuspended => {
                self.coordinator(kind, field, coordinator)
            }
            Kind::DatabaseKilled | Kind::DatabaseSuspended => self.database(kind, field),
            Kind::NetworkCut
            | Kind::NetworkHalfOpen
            | Kind::NetworkSlow
            | Kind::RepliesLost
            | Kind::RequestsDoubled
            | Kind::DatabaseNetwork => self.network(kind, field, machine, coordinator),
            Kind::EndedAtPlace => self.arm(field, machine, coordinator),
            Kind::Outage => Some(self.outage(field)),
        }
    }

    fn after_ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.dice.between(from, to))
    }

    fn due_after(&mut self, after: Duration, remedy: Remedy) {
        self.due.push(Instant::now() + after, remedy);
    }
}
