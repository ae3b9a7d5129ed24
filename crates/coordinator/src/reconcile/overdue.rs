//! Attempts whose time is over: assignments that nobody confirmed, leases past
//! their grace, cancels past their deadline.

use crate::{app::App, changes};

/// Ends what is overdue, one by one: one that cannot be judged holds nobody up.
pub(super) async fn settle(app: &App) -> Result<(), store::Error> {
    let now = app.store.now(app.now()).await?;
    // Before anything is judged: time in which no coordinator was up does not count.
    let up_since = app.store.touch_alive(now).await?;
    let mut ended_any = false;
    for id in app.store.overdue_attempts(now).await? {
        match app.store.check_attempt(id, up_since, now).await {
            Ok(Some(at)) => {
                tracing::info!(attempt = %id, job = %at.job_id, "an attempt ended by the clock");
                changes::attempt(app, at);
                ended_any = true;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(attempt = %id, error = &error as &dyn std::error::Error, "an attempt could not be judged");
            }
        }
    }
    if ended_any {
        app.work_changed();
    }
    Ok(())
}
