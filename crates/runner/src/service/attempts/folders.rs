//! The folders of an attempt: its record's, and the one in which its agent works.
//!
//! Both are made as soon as an assignment has come, while it is written down and the
//! coordinator confirms the lease. Those of an attempt that never begins go again, as
//! long as nothing stands in them.

use std::{
    fs, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use protocol::runner::Assignment;

use super::Entry;
use crate::{
    folder::{AttemptFolder, JobFolder},
    service::shared::Shared,
    worker::plan,
};

/// The next attempt at a job may have the same folder: what one makes another must not clear.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the folder in which an agent works, with those in it.
pub(super) fn make(job: &JobFolder) -> io::Result<()> {
    let _alone = alone();
    for folder in [job.output(), job.inputs(), job.temporary()] {
        fs::create_dir_all(folder)?;
    }
    Ok(())
}

/// Makes the folder of the record, with the assignment in it.
pub(super) fn make_record(entry: &Entry) -> io::Result<()> {
    let _alone = alone();
    let path = entry.folder.assignment();
    // Written for now: what a machine that stopped left of it need not be whole.
    let written: Option<Assignment> = plan::read_for_now(&path)?;
    if written.is_some_and(|written| written == entry.assignment) {
        return Ok(());
    }
    fs::create_dir_all(entry.folder.path())?;
    plan::write_for_now(&path, &entry.assignment)
}

/// Takes away what was made for an attempt that never began; whatever else there is stays.
pub(super) fn clear(shared: &Shared, folder: &AttemptFolder, assignment: &Assignment) {
    if folder.events().exists() {
        return;
    }
    for file in [folder.assignment(), folder.worker_output()] {
        gone(&file, fs::remove_file(&file));
    }
    gone(folder.path(), fs::remove_dir(folder.path()));
    let Some(workspace_dir) = shared.settings().workspace_dir.clone() else {
        return;
    };
    let job = JobFolder::of(&workspace_dir, assignment);
    let _alone = alone();
    let again = |other: &Entry| {
        other.id() != assignment.attempt_id && other.assignment.job_id == assignment.job_id
    };
    if shared.attempts.all().iter().any(|other| again(other)) {
        return;
    }
    for folder in [job.output(), job.inputs(), job.temporary()] {
        gone(&folder, fs::remove_dir(&folder));
    }
    for folder in job.path().ancestors().take(2) {
        gone(folder, fs::remove_dir(folder));
    }
}

/// Takes away what an earlier start had made for assignments that it never came to write down.
pub(crate) fn clear_forgotten(shared: &Shared) {
    let Ok(records) = fs::read_dir(shared.data.join("attempts")) else {
        return;
    };
    for record in records.flatten() {
        let folder = AttemptFolder::at(record.path());
        if folder.events().exists() || folder.launch().exists() {
            continue;
        }
        match plan::read_for_now::<Assignment>(&folder.assignment()) {
            Ok(Some(assignment)) if shared.attempts.knows(assignment.attempt_id) => {}
            Ok(Some(assignment)) => clear(shared, &folder, &assignment),
            // It got no further than its folder.
            Ok(None) => {
                gone(
                    &folder.worker_output(),
                    fs::remove_file(folder.worker_output()),
                );
                gone(folder.path(), fs::remove_dir(folder.path()));
            }
            Err(error) => tracing::debug!(path = %folder.path().display(), %error, "it stays"),
        }
    }
}

fn gone(path: &Path, removed: io::Result<()>) {
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(path = %path.display(), %error, "it stays");
    }
}
