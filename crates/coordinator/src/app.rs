//! What every handler and every background task shares.

use std::{ops::Deref, sync::Arc};

use metrics_exporter_prometheus::PrometheusHandle;
use object_store::ObjectStore;
use protocol::{ids::RunnerId, time::Timestamp};
use store::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{Passwords, RateLimits},
    clock::Clock,
    config::Config,
    downloads::Downloads,
    fleet::Lists,
    live::LiveBus,
    mail::Mail,
    oidc::Provider,
    relay::Relay,
    scheduler::Scheduler,
};

/// The shared state; a clone is a handle on the same state.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// What [`App`] gives access to.
pub(crate) struct Parts {
    /// Everything that is kept.
    pub(crate) store: Store,
    /// Tells browsers what changed.
    pub(crate) live: LiveBus,
    /// Gives jobs out to the syncs that are parked here.
    pub(crate) scheduler: Scheduler,
    /// Tells other coordinators of the same database.
    pub(crate) relay: Relay,
    /// The newest list of runners of each workspace.
    pub(crate) lists: Lists,
    /// The files that can be downloaded.
    pub(crate) downloads: Downloads,
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
    /// Sends mail, where that is configured.
    pub(crate) mail: Mail,
    /// The identity provider, where one is configured.
    pub(crate) provider: Option<Provider>,
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
        self.scheduler.poke();
        self.relay.work();
    }

    /// A runner has something to hear: its parked sync is answered.
    pub(crate) fn orders_for(&self, runner_id: RunnerId) {
        self.scheduler.wake(runner_id);
        self.relay.runner(runner_id);
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
