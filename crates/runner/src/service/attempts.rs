//! Every attempt that this machine has to do with, and who looks after it.

mod ahead;
mod entry;
mod folders;
mod life;
mod prepare;
mod publish;
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

pub(crate) use entry::{Command, Entry, Numbers, Sending};
pub(crate) use life::{Place, Stage, live};

/// How many released attempts are remembered, so that a late answer does not bring one back.
const RELEASED_MAX: usize = 256;

#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<AttemptId, Arc<Entry>>,
    /// Orders that were handed on, by attempt.
    orders: BTreeMap<AttemptId, HashSet<OrderId>>,
    released: VecDeque<AttemptId>,
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
