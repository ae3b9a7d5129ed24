//! Attempts whose time is over: assignments that nobody confirmed, leases past
//! their grace, cancels past their deadline.

use super::sweep::Sweep;
use crate::{app::App, changes};

/// How many attempts are read at once.
const PAGE: u32 = 500;

/// Ends what is overdue, one by one: one that cannot be judged holds nobody up.
pub(super) async fn settle(app: &App) -> Result<(), store::Error> {
    let now = app.store.now(app.now()).await?;
    // Before anything is judged: time in which no coordinator was up does not count.
    let up_since = app.store.touch_alive(now).await?;
    let mut ended_any = false;
    let mut sweep = Sweep::begin("attempts");
    while sweep.goes_on() {
        let page = app.store.overdue_attempts(sweep.after(), PAGE, now).await?;
        for id in sweep.take(page) {
            match app.store.check_attempt(id, up_since, now).await {
                Ok(Some(at)) => {
                    tracing::info!(attempt = %id, job = %at.job_id, "an attempt ended by the clock");
                    changes::attempt(app, at);
                    ended_any = true;
                }
                Ok(None) => {}
                Err(error) => sweep.failed(&id, &error),
            }
        }
    }
    if ended_any {
        app.work_changed();
    }
    Ok(())
}
