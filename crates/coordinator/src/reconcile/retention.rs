//! Does away with what is over and old, where the settings say so.
//!
//! What is not over is never touched, however old, and neither is what cannot be read.

use store::ErasableJob;

use super::{
    erase::{NotErased, remove_files},
    sweep::Sweep,
};
use crate::{app::App, config::cutoff};

/// How many jobs are read at once.
const PAGE: u32 = 50;

/// Erases what has been kept for long enough.
pub(super) async fn erase_old(app: &App) -> Result<(), NotErased> {
    let now = app.store.now(app.now()).await?;
    let keep = &app.config.retention;
    if let Some(days) = keep.jobs_days {
        let before = cutoff(days, now);
        let mut sweep = Sweep::begin("retention");
        while sweep.goes_on() && !app.stopping.is_cancelled() {
            let page = app
                .store
                .jobs_over_before(before, sweep.after(), PAGE)
                .await?;
            for job in sweep.take(page) {
                if let Err(error) = erase_one(app, &job, before).await {
                    sweep.failed(&job.job_id, &error);
                }
            }
        }
    }
    if let Some(days) = keep.audit_days {
        while app.store.erase_audit(cutoff(days, now)).await? > 0 {}
    }
    if let Some(days) = keep.notifications_days {
        while app
            .store
            .erase_read_notifications(cutoff(days, now))
            .await?
            > 0
        {}
    }
    Ok(())
}

async fn erase_one(
    app: &App,
    job: &ErasableJob,
    before: protocol::time::Timestamp,
) -> Result<(), NotErased> {
    remove_files(app, job).await?;
    app.store.erase_job_over_before(job.job_id, before).await?;
    metrics::counter!("coord_jobs_erased_total").increment(1);
    Ok(())
}
