//! What coordinators of one database tell each other, after it was committed.
//!
//! One task sends: the first notice at once, then at most one in [`SEND_EVERY`], with
//! everything that gathered. One task hears, watches its connection by notices to
//! itself, and makes a new one when it does not hear them. A notice is a hint: what is
//! missed is found by the slow looks, and after a break everything counts as changed.

mod hear;
mod notice;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    api::Change,
    ids::{AccountId, RunnerId, WorkspaceId},
};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::app::App;
use notice::{Gathered, Notice};

/// How long after a notice the next one is sent at the earliest.
const SEND_EVERY: Duration = Duration::from_millis(50);
/// How long after a notice that could not be sent it is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long the database may take to pass a notice on.
const SEND_MAX: Duration = Duration::from_secs(5);

/// Where what others must hear is gathered; a clone is a handle on the same place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relay(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    /// Which coordinator this is; anew with each start.
    id: Uuid,
    gathered: Mutex<Gathered>,
    waits: Notify,
}

impl Relay {
    /// One that reaches others.
    pub(crate) fn to_others() -> Self {
        Self(Some(Arc::new(Shared {
            id: Uuid::now_v7(),
            gathered: Mutex::default(),
            waits: Notify::new(),
        })))
    }

    /// There may be a job for somebody who is parked elsewhere.
    pub(crate) fn work(&self) {
        self.gather(|gathered| gathered.work = true);
    }

    /// A runner has something to hear.
    pub(crate) fn runner(&self, id: RunnerId) {
        self.gather(|gathered| gathered.add_runner(id));
    }

    /// Readers of a workspace elsewhere are to be told.
    pub(crate) fn change(&self, workspace: WorkspaceId, change: Change) {
        self.gather(|gathered| gathered.add_change(workspace, change));
    }

    /// What is computed of a workspace from now on must have the newest in it.
    pub(crate) fn demand(&self, workspace: WorkspaceId) {
        self.gather(|gathered| gathered.add_demand(workspace));
    }

    /// An account has something to read.
    pub(crate) fn account(&self, id: AccountId) {
        self.gather(|gathered| gathered.add_account(id));
    }

    fn gather(&self, add: impl FnOnce(&mut Gathered)) {
        if let Some(shared) = &self.0 {
            add(&mut shared.gathered());
            shared.waits.notify_one();
        }
    }
}

impl Shared {
    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts sending and hearing, where there may be other coordinators.
pub(crate) fn start(app: &App) {
    let Some(shared) = app.relay.0.clone() else {
        return;
    };
    app.tasks.spawn(send(app.clone(), Arc::clone(&shared)));
    app.tasks.spawn(hear::hear(app.clone(), shared));
}

/// Sends what gathered, until the coordinator stops.
async fn send(app: App, shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.waits.notified() => {}
            () = app.stopping.cancelled() => return,
        }
        let (text, is_left) = shared.gathered().take_notice(shared.id);
        let Some(text) = text else { continue };
        let sending = app.store.send_notice(text);
        let pause = match tokio::time::timeout(SEND_MAX, sending).await {
            Ok(Ok(())) => {
                metrics::counter!("coord_notices_total", "direction" => "sent").increment(1);
                SEND_EVERY
            }
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "other coordinators could not be told; they find out by looking"
                );
                shared.gathered().everything = true;
                RETRY_AFTER
            }
            Err(_) => {
                tracing::warn!("the database does not pass notices on; others find out by looking");
                shared.gathered().everything = true;
                RETRY_AFTER
            }
        };
        if is_left || pause == RETRY_AFTER {
            shared.waits.notify_one();
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Does here what a notice of another coordinator asks for.
fn apply(app: &App, notice: Notice) {
    if notice.everything {
        return everything_may_have_changed(app);
    }
    if notice.work {
        app.scheduler.poke();
    }
    for runner in notice.runners {
        app.scheduler.wake(runner);
    }
    for workspace in notice.demanded {
        app.live.demand_here(workspace);
    }
    for (workspace, change) in notice.changes {
        app.live.publish_here(workspace, change);
    }
    for account in notice.accounts {
        app.live.notify_here(account);
    }
}

fn everything_may_have_changed(app: &App) {
    app.live.everything_here();
    app.scheduler.wake_all();
    app.scheduler.poke();
}
