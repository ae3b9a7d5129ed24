//! Every attempt that this machine has to do with, and who looks after it.

mod ahead;
mod entry;
mod folders;
mod life;
mod prepare;
mod publish;
mod resume;
mod standstill;
mod watch;
mod words;

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::{
    ids::{AttemptId, OrderId},
    runner::Order,
};

pub(crate) use ahead::Starting;
pub(crate) use entry::{Command, Entry, Numbers, Sending, SlotUse};
pub(crate) use folders::clear_forgotten;
pub(crate) use life::{Place, Stage};
pub(crate) use standstill::live;

/// How many released attempts are remembered, so that a late answer does not bring one back.
const RELEASED_MAX: usize = 256;

#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<AttemptId, Arc<Entry>>,
    /// Orders that were handed on, by attempt.
    orders: BTreeMap<AttemptId, HashSet<OrderId>>,
    released: VecDeque<AttemptId>,
    /// Assignments that are being written down.
    coming: u32,
}

impl Kept {
    fn used(&self) -> u32 {
        self.count(SlotUse::Holds).saturating_add(self.coming)
    }

    fn count(&self, wanted: SlotUse) -> u32 {
        let entries = self.entries.values();
        let count = entries.filter(|entry| entry.slot_use() == wanted).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// The attempts in hand.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Kept>);

impl Attempts {
    /// Takes an attempt in; false when it is known already, or was.
    pub(crate) fn insert(&self, entry: Arc<Entry>) -> bool {
        let mut kept = self.kept();
        let id = entry.id();
        if kept.entries.contains_key(&id) || kept.released.contains(&id) {
            return false;
        }
        kept.entries.insert(id, entry);
        true
    }

    /// Lets go of an attempt, since nothing of it is left to do.
    pub(crate) fn release(&self, id: AttemptId) {
        let mut kept = self.kept();
        kept.entries.remove(&id);
        kept.orders.remove(&id);
        kept.released.push_back(id);
        if kept.released.len() > RELEASED_MAX {
            kept.released.pop_front();
        }
    }

    /// Whether the attempt is in hand, or was lately.
    pub(crate) fn knows(&self, id: AttemptId) -> bool {
        let kept = self.kept();
        kept.entries.contains_key(&id) || kept.released.contains(&id)
    }

    /// The attempt of this id.
    pub(crate) fn get(&self, id: AttemptId) -> Option<Arc<Entry>> {
        self.kept().entries.get(&id).cloned()
    }

    /// Everything in hand, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        self.kept().entries.values().cloned().collect()
    }

    /// What the coordinator should hear of: everything that is not over for this runner.
    pub(crate) fn held(&self) -> Vec<Arc<Entry>> {
        let mut held = self.all();
        held.retain(|entry| !entry.is_over());
        held
    }

    /// How many of `total` slots are free; one that a parked attempt waits for is not.
    pub(crate) fn free_of(&self, total: u32) -> u32 {
        let kept = self.kept();
        total.saturating_sub(kept.used() + kept.count(SlotUse::Wants))
    }

    /// Keeps a slot for an assignment that is about to come; false when none is free.
    pub(crate) fn make_room(&self, total: u32) -> bool {
        let mut kept = self.kept();
        let free = total > kept.used() + kept.count(SlotUse::Wants);
        kept.coming += u32::from(free);
        free
    }

    /// What was kept by [`Attempts::make_room`] is taken, or not needed.
    pub(crate) fn room_made(&self) {
        let mut kept = self.kept();
        kept.coming = kept.coming.saturating_sub(1);
    }

    /// Gives free slots to parked attempts whose time has come, in the order in which they came.
    pub(crate) fn unpark(&self, total: u32) {
        let kept = self.kept();
        let waiting = kept.entries.values();
        for entry in waiting.filter(|entry| entry.slot_use() == SlotUse::Wants) {
            if kept.used() >= total {
                return;
            }
            entry.set_going_on(true);
            if !entry.tell(Command::GoOn) {
                // Too much waits for it already; it is asked again with the next sign of life.
                entry.set_going_on(false);
            }
        }
    }

    /// Hands an order on, once; says whether it was new.
    pub(crate) fn order(&self, order: &Order) -> bool {
        let mut kept = self.kept();
        let Some(entry) = kept.entries.get(&order.attempt_id).cloned() else {
            return false;
        };
        if !kept
            .orders
            .entry(order.attempt_id)
            .or_default()
            .insert(order.id)
        {
            return false;
        }
        if !entry.tell(Command::Order(order.clone()))
            && let Some(orders) = kept.orders.get_mut(&order.attempt_id)
        {
            // It comes again with the next answer, and finds room then.
            orders.remove(&order.id);
        }
        true
    }

    /// An order could not be carried out now; it comes again with the next answer.
    pub(crate) fn order_failed(&self, order: &Order) {
        if let Some(orders) = self.kept().orders.get_mut(&order.attempt_id) {
            orders.remove(&order.id);
        }
    }

    /// Orders that were handed on, and need not be said again at once.
    pub(crate) fn orders_kept(&self) -> Vec<OrderId> {
        self.kept().orders.values().flatten().copied().collect()
    }

    /// Process ids of the workers.
    pub(crate) fn workers(&self) -> Vec<u32> {
        self.all()
            .iter()
            .filter_map(|entry| entry.view().worker_pid)
            .collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change is whole at once, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
