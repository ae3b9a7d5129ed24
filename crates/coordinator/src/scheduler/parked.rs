//! The syncs that are parked in this process, one a runner.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use lifecycle::sync_order::Position;
use protocol::ids::{BootId, RunnerId};
use store::Runner;
use tokio::sync::Notify;

/// Where syncs are parked and pokes arrive.
#[derive(Debug, Default)]
pub(crate) struct Scheduler {
    places: Mutex<Places>,
    work: Notify,
    /// Wishes for a pause that starts of runners were told and have not carried out yet.
    told: Mutex<HashMap<RunnerId, (BootId, u64)>>,
}

#[derive(Debug, Default)]
struct Places {
    by_runner: HashMap<RunnerId, Place>,
    next_ticket: u64,
}

/// One parked sync.
#[derive(Debug)]
struct Place {
    ticket: u64,
    position: Position,
    runner: Arc<Runner>,
    signal: Arc<Signal>,
}

/// How a parked sync hears of something.
#[derive(Debug, Default)]
struct Signal {
    heard: Notify,
    replaced: AtomicBool,
}

/// A parked sync that could be given a job.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// The runner, as this sync described it.
    pub(super) runner: Arc<Runner>,
    /// Which sync.
    pub(super) position: Position,
    ticket: u64,
}

/// Why a parked sync was let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// There may be something for it.
    Look,
    /// A newer sync of the same runner has taken its place.
    Replaced,
}

/// Holds a sync's place; gives it up when dropped.
pub(super) struct Parked<'a> {
    scheduler: &'a Scheduler,
    runner_id: RunnerId,
    ticket: u64,
    signal: Arc<Signal>,
}

impl Scheduler {
    /// A job may have become one that a runner can take, or a runner one that can take jobs.
    pub(crate) fn poke(&self) {
        self.work.notify_one();
    }

    /// An answer brings this wish for a pause to a start of a runner, or none.
    pub(super) fn tell_wish(&self, runner_id: RunnerId, boot_id: BootId, revision: Option<u64>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match revision {
            Some(revision) => drop(told.insert(runner_id, (boot_id, revision))),
            None => drop(told.remove(&runner_id)),
        }
    }

    /// The newest wish for a pause that a start of a runner was told.
    pub(super) fn told_wish(&self, runner_id: RunnerId, boot_id: BootId) -> u64 {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(&runner_id)
            .filter(|(to, _)| *to == boot_id)
            .map_or(0, |(_, revision)| *revision)
    }

    /// The runner has something to hear: its parked sync looks.
    pub(crate) fn wake(&self, runner_id: RunnerId) {
        if let Some(place) = self.places().by_runner.get(&runner_id) {
            place.signal.heard.notify_one();
        }
    }

    /// Every parked sync looks.
    pub(crate) fn wake_all(&self) {
        for place in self.places().by_runner.values() {
            place.signal.heard.notify_one();
        }
    }

    pub(super) async fn poked(&self) {
        self.work.notified().await;
    }

    /// Parks a sync, letting an older one of the same runner go.
    ///
    /// None when a newer one is parked already: two that came close together may
    /// get here in either order.
    pub(super) fn park(&self, runner: Arc<Runner>, position: Position) -> Option<Parked<'_>> {
        let runner_id = runner.id;
        let signal = Arc::new(Signal::default());
        let mut places = self.places();
        let before = places.by_runner.get(&runner_id);
        if before.is_some_and(|place| is_newer(place.position, position)) {
            return None;
        }
        places.next_ticket += 1;
        let place = Place {
            ticket: places.next_ticket,
            position,
            runner,
            signal: Arc::clone(&signal),
        };
        let ticket = place.ticket;
        if let Some(older) = places.by_runner.insert(runner_id, place) {
            older.signal.replaced.store(true, Ordering::Release);
            older.signal.heard.notify_one();
        }
        Some(Parked {
            scheduler: self,
            runner_id,
            ticket,
            signal,
        })
    }

    /// Every parked sync, the one that waits longest first.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        let mut waiting: Vec<Waiting> = self
            .places()
            .by_runner
            .values()
            .map(|place| Waiting {
                runner: Arc::clone(&place.runner),
                position: place.position,
                ticket: place.ticket,
            })
            .collect();
        waiting.sort_unstable_by_key(|waiting| waiting.ticket);
        waiting
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parked<'_> {
    /// Waits until there may be something for this sync.
    pub(super) async fn woken(&self) -> Woken {
        self.signal.heard.notified().await;
        if self.signal.replaced.load(Ordering::Acquire) {
            Woken::Replaced
        } else {
            Woken::Look
        }
    }
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        let mut places = self.scheduler.places();
        let place = places.by_runner.get(&self.runner_id);
        if place.is_some_and(|place| place.ticket == self.ticket) {
            places.by_runner.remove(&self.runner_id);
        }
    }
}

fn is_newer(one: Position, other: Position) -> bool {
    (one.boot_number, one.seq) > (other.boot_number, other.seq)
}

#[cfg(test)]
mod tests {
    use lifecycle::unanswered::Unanswered;
    use protocol::{
        agent::Platform,
        ids::{AccountId, InstallationId},
        runner::Slots,
        time::Timestamp,
    };
    use uuid::Uuid;

    use super::*;

    fn runner(n: u128) -> Arc<Runner> {
        let word = || "x".to_owned();
        Arc::new(Runner {
            id: RunnerId(Uuid::from_u128(n)),
            account_id: AccountId(Uuid::nil()),
            installation_id: InstallationId(Uuid::nil()),
            short_id: word(),
            name: word(),
            platform: Platform {
                os: word(),
                os_version: word(),
                arch: word(),
                hostname: word(),
            },
            runner_version: word(),
            registered_at: Timestamp(0),
            removed_at: None,
            last_sync_at: None,
            slots: Slots { total: 1, free: 1 },
            capabilities_digest: word(),
            capabilities: None,
            paused: None,
            draining: false,
            troubles: Vec::new(),
            lifetime_attempts: 0,
            shared_use: None,
            unanswered: Unanswered::default(),
            pause_wish: None,
        })
    }

    fn at(boot_number: u64, seq: u64) -> Position {
        Position {
            boot_number,
            boot_id: BootId(Uuid::from_u128(u128::from(boot_number))),
            seq,
        }
    }

    #[tokio::test]
    async fn a_newer_sync_lets_the_older_one_go_and_keeps_the_place() {
        let scheduler = Scheduler::default();
        let older = scheduler.park(runner(1), at(1, 1)).unwrap();
        let newer = scheduler.park(runner(1), at(1, 2)).unwrap();
        assert_eq!(older.woken().await, Woken::Replaced);
        drop(older);
        assert_eq!(scheduler.waiting().len(), 1, "the newer one is still there");
        drop(newer);
        assert!(scheduler.waiting().is_empty());
    }

    #[tokio::test]
    async fn an_older_sync_that_comes_second_is_not_parked() {
        let scheduler = Scheduler::default();
        let _newer = scheduler.park(runner(1), at(2, 1)).unwrap();
        assert!(scheduler.park(runner(1), at(1, 9)).is_none());
    }

    #[tokio::test]
    async fn a_wake_that_comes_before_the_wait_is_not_missed() {
        let scheduler = Scheduler::default();
        let parked = scheduler.park(runner(1), at(1, 1)).unwrap();
        let other = scheduler.park(runner(2), at(1, 1)).unwrap();
        scheduler.wake(runner(1).id);
        assert_eq!(parked.woken().await, Woken::Look);
        let order: Vec<_> = scheduler.waiting().iter().map(|w| w.runner.id).collect();
        assert_eq!(
            order,
            [runner(1).id, runner(2).id],
            "who waits longest comes first"
        );
        drop(other);
    }
}
