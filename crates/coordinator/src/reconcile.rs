//! Reconcilers of attempts: they look at the state, and do what is missing.
//!
//! Run by a timer, and by a poke where waiting would show. Doing it twice is
//! the same as doing it once, so several coordinators may do it at once.

mod logs;
mod overdue;

use std::time::Duration;

use crate::{app::App, metrics};

/// How often each looks.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Starts the reconcilers; they end when the coordinator stops.
pub(crate) fn start(app: &App) {
    repeat(
        app,
        "attempts",
        |app| async move { overdue::settle(&app).await },
    );
    repeat(app, "logs", |app| async move { logs::compare(&app).await });
}

fn repeat<F, W>(app: &App, name: &'static str, work: W)
where
    F: Future<Output = Result<(), store::Error>> + Send,
    W: Fn(App) -> F + Send + 'static,
{
    let app = app.clone();
    app.tasks.clone().spawn(async move {
        let mut next = tokio::time::interval(LOOK_EVERY);
        next.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = next.tick() => {}
                () = app.stopping.cancelled() => return,
            }
            match work(app.clone()).await {
                Ok(()) => metrics::reconciled(name, app.now()),
                Err(error) => {
                    tracing::warn!(
                        reconciler = name,
                        error = &error as &dyn std::error::Error,
                        "the next look tries again"
                    );
                }
            }
        }
    });
}
