//! Does away with what deleted workspaces leave: files first, then the rows that name them.

use futures::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use store::ErasableJob;

use crate::{app::App, objects};

/// Jobs that are erased in one look.
const JOBS_AT_ONCE: u32 = 20;
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

/// Erases some of what is left.
pub(super) async fn erase(app: &App) -> Result<(), NotErased> {
    for job in app.store.erasable_jobs(JOBS_AT_ONCE).await? {
        remove_files(app, &job).await?;
        app.store.erase_job(job.job_id).await?;
    }
    let erased = app.store.erase_deleted(app.now()).await?;
    if erased > 0 {
        tracing::info!(erased, "deleted workspaces are gone");
    }
    Ok(())
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
