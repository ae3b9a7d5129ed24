//! The scheduler: Ready jobs go to runners whose sync is parked here.
//!
//! Every runner keeps one request open. When a job becomes Ready, it is matched
//! with the parked syncs of this process, claimed in the database, and that
//! runner's request is answered: no polling in between. A poke is a hint; a slow
//! look at the queue stands behind it.
//!
//! Not here: who may take what (`lifecycle::routing`), and the claim itself (`store`).

mod answer;
mod parked;
mod round;

use std::time::Duration;

pub(crate) use answer::{sync, version_unsupported};
pub(crate) use parked::Scheduler;

use crate::{app::App, metrics};

/// How often the queue is looked at without a poke.
const SLOW_LOOK: Duration = Duration::from_secs(10);

/// Starts giving out jobs; ends when the coordinator stops.
pub(crate) fn start(app: &App) {
    let app = app.clone();
    app.tasks.clone().spawn(async move {
        let mut slow = tokio::time::interval(SLOW_LOOK);
        slow.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = app.scheduler.poked() => {}
                _ = slow.tick() => look_around(&app),
                () = app.stopping.cancelled() => return,
            }
            match round::give_out(&app).await {
                Ok(()) => metrics::reconciled("scheduler", app.now()),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "jobs could not be given out; the next look tries again"
                    );
                }
            }
        }
    });
}

/// Another coordinator may have left something for a runner that is parked here.
fn look_around(app: &App) {
    if app.store.is_shared() {
        app.scheduler.wake_all();
    }
}
