//! What every handler and every background task shares.

use std::{ops::Deref, sync::Arc};

use metrics_exporter_prometheus::PrometheusHandle;
use object_store::ObjectStore;
use protocol::{ids::RunnerId, time::Timestamp};
use store::Store;
use tokio::sync::broadcast;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{Passwords, RateLimits},
    clock::Clock,
    config::Config,
    live::LiveBus,
};

/// What parked syncs are woken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The queue of Ready jobs, or what runners can take, has changed.
    Work,
    /// This runner has orders to hear.
    Runner(RunnerId),
}

/// The shared state; a clone is a handle on the same state.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// What [`App`] gives access to.
pub(crate) struct Parts {
    /// Everything that is kept.
    pub(crate) store: Store,
    /// Tells browsers what changed.
    pub(crate) live: LiveBus,
    /// Wakes what waits on the state of jobs.
    pub(crate) wakes: broadcast::Sender<Wake>,
    /// Holds attachments and artifacts.
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// Settings of this coordinator.
    pub(crate) config: Config,
    /// The address under which people and runners reach this coordinator, without a slash at its end.
    pub(crate) public_url: String,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Hashes and checks passwords, a few at a time.
    pub(crate) passwords: Passwords,
    /// Counts failed guesses.
    pub(crate) rates: RateLimits,
    /// Shows what was counted.
    pub(crate) metrics: PrometheusHandle,
    /// Cancelled when the coordinator begins to stop: parked syncs and live streams end.
    pub(crate) stopping: CancellationToken,
    /// Every background task runs on this.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// Shares `parts`.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A job may have become one that a runner can take.
    pub(crate) fn work_changed(&self) {
        self.wake(Wake::Work);
    }

    /// A runner has something to hear: its parked sync is answered.
    pub(crate) fn orders_for(&self, runner_id: RunnerId) {
        self.wake(Wake::Runner(runner_id));
    }

    fn wake(&self, wake: Wake) {
        // Without anybody parked there is nobody to tell; the next sync looks for itself.
        let _ = self.wakes.send(wake);
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
