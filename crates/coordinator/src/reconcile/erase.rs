//! Does away with what deleted workspaces leave: files first, then the rows that name them.

use futures::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use store::ErasableJob;

use super::sweep::Sweep;
use crate::{app::App, objects};

/// How many rows are read at once.
const PAGE: u32 = 20;
/// Files that are removed at once.
const FILES_AT_ONCE: usize = 8;

/// Why nothing was erased this time.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotErased {
    #[error("the database could not carry it out")]
    Store(#[from] store::Error),
    #[error("a file could not be removed")]
    Objects(#[from] object_store::Error),
}

/// Erases what is left, one by one: what cannot be erased holds nothing else up.
pub(super) async fn erase(app: &App) -> Result<(), NotErased> {
    let mut sweep = Sweep::begin("deleted_jobs");
    while sweep.goes_on() && !app.stopping.is_cancelled() {
        let page = app.store.erasable_jobs(sweep.after(), PAGE).await?;
        for job in sweep.take(page) {
            if let Err(error) = erase_job(app, &job).await {
                sweep.failed(&job.job_id, &error);
            }
        }
    }
    drop(sweep);
    let mut sweep = Sweep::begin("deleted_workspaces");
    while sweep.goes_on() && !app.stopping.is_cancelled() {
        let page = app.store.erasable_workspaces(sweep.after(), PAGE).await?;
        for id in sweep.take(page) {
            match app.store.erase_workspace(id).await {
                Ok(true) => tracing::info!(workspace = %id, "a deleted workspace is gone"),
                Ok(false) => {}
                Err(error) => sweep.failed(&id, &error),
            }
        }
    }
    Ok(())
}

async fn erase_job(app: &App, job: &ErasableJob) -> Result<(), NotErased> {
    remove_files(app, job).await?;
    Ok(app.store.erase_job(job.job_id).await?)
}

/// Removes every file of a job.
pub(super) async fn remove_files(app: &App, job: &ErasableJob) -> Result<(), NotErased> {
    remove_all(app, objects::attachments_of(job.job_id)).await?;
    for attempt in &job.attempts {
        remove_all(app, objects::parts_of(*attempt)).await?;
        remove_all(app, objects::logs_of(*attempt)).await?;
    }
    Ok(())
}

/// Removes everything in a folder; what is gone already counts as removed.
async fn remove_all(app: &App, folder: object_store::path::Path) -> Result<(), NotErased> {
    let files = app.objects.list(Some(&folder));
    files
        .map_ok(|file| async move {
            match app.objects.delete(&file.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
        .try_buffer_unordered(FILES_AT_ONCE)
        .try_for_each(|()| async { Ok(()) })
        .await?;
    Ok(())
}
