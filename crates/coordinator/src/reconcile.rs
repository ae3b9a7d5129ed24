//! Reconcilers: they look at the state, and do what is missing.
//!
//! Run by a timer, and by a poke where waiting would show. Doing it twice is
//! the same as doing it once, so several coordinators may do it at once.

mod erase;
mod logs;
mod notifications;
mod objects;
mod overdue;
mod presence;
mod retention;
mod seal;
mod sweep;

use std::{sync::Arc, time::Duration};

use crate::{app::App, metrics};

/// How often each looks.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How often it is looked for people who are to be told something; they wait for it.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for what may take its time.
const SLOW_LOOK_EVERY: Duration = Duration::from_secs(30);

/// Starts the reconcilers; they end when the coordinator stops.
pub(crate) fn start(app: &App) {
    repeat(app, "attempts", LOOK_EVERY, |app| async move {
        overdue::settle(&app).await
    });
    repeat(app, "logs", LOOK_EVERY, |app| async move {
        logs::compare(&app).await
    });
    repeat(app, "sealing", LOOK_EVERY, |app| async move {
        seal::seal(&app).await
    });
    repeat(app, "silence", SLOW_LOOK_EVERY, |app| async move {
        notifications::silence(&app).await
    });
    repeat(
        app,
        "deleted_workspaces",
        SLOW_LOOK_EVERY,
        |app| async move { erase::erase(&app).await },
    );
    repeat(app, "retention", SLOW_LOOK_EVERY, |app| async move {
        retention::erase_old(&app).await
    });
    let round = Arc::new(objects::Round::default());
    repeat(app, "objects", SLOW_LOOK_EVERY, move |app| {
        let round = round.clone();
        async move { objects::look(&app, &round).await }
    });
    let looked = Arc::new(notifications::Looked::default());
    repeat(app, "notifications", TELL_EVERY, move |app| {
        let looked = looked.clone();
        async move { notifications::tell(&app, &looked).await }
    });
    repeat(app, "presence", LOOK_EVERY, |app| async move {
        presence::tell(&app).await
    });
}

fn repeat<F, W, E>(app: &App, name: &'static str, every: Duration, work: W)
where
    F: Future<Output = Result<(), E>> + Send,
    E: std::error::Error + 'static,
    W: Fn(App) -> F + Send + 'static,
{
    metrics::reconciler_began(name);
    let app = app.clone();
    app.tasks.clone().spawn(async move {
        let mut next = tokio::time::interval(every);
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
