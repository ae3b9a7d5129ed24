//! The one state that every face draws; it goes out when it changes, and only then.

use std::sync::Arc;

use control::state::ServiceState;
use tokio::sync::watch;

/// Holds the newest state, and tells everybody who watches.
#[derive(Debug)]
pub(crate) struct Board(watch::Sender<Arc<ServiceState>>);

impl Board {
    /// A board that shows `first`.
    pub(crate) fn new(first: ServiceState) -> Self {
        Self(watch::Sender::new(Arc::new(first)))
    }

    /// The state now, and every new one.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<ServiceState>> {
        self.0.subscribe()
    }

    /// The state now.
    pub(crate) fn now(&self) -> Arc<ServiceState> {
        Arc::clone(&self.0.borrow())
    }

    /// Changes the state; nobody hears of a change that changes nothing.
    pub(crate) fn update(&self, change: impl FnOnce(&mut ServiceState)) {
        self.0.send_if_modified(|state| {
            let mut new = ServiceState::clone(state);
            change(&mut new);
            let changed = new != **state;
            if changed {
                *state = Arc::new(new);
            }
            changed
        });
    }
}
