//! Putting aside and deleting, on the disk.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use lifecycle::tidy::{self, Left};
use protocol::{ids::AttemptId, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{Ground, HandedOver, remove};
use crate::{
    folder::AttemptFolder,
    worker::plan::{self, LaunchPlan},
};

/// The folder in the workspace directory for job folders that are put aside.
pub(super) const JOBS_ASIDE: &str = ".coord-aside";

/// What a look came to.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub(super) put_aside: u32,
    pub(super) deleted: u32,
    /// What could not be dealt with, in words.
    pub(super) left: Vec<String>,
}

/// Why something is aside, for whoever finds it there; and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// For people.
    why: String,
    /// Since when.
    since: Timestamp,
    /// Where the job's folder was.
    job_folder: Option<PathBuf>,
    /// Where it is now.
    job_aside: Option<PathBuf>,
}

/// Puts aside what may be, then deletes what has been aside long enough.
pub(super) fn sweep(ground: &Ground) -> Swept {
    let mut swept = Swept::default();
    let (over, in_use) = judged(ground);
    for (id, proof) in over {
        let folder = proof.job_folder.as_ref();
        if folder.is_some_and(|folder| in_use.contains(folder)) {
            continue;
        }
        match put_aside(ground, id, &proof) {
            Ok(()) => swept.put_aside += 1,
            Err(error) => swept
                .left
                .push(format!("attempt {id} could not be put aside: {error}")),
        }
    }
    for id in attempts_in(&ground.data.join("aside")) {
        match delete(ground, id, &mut swept.left) {
            Ok(deleted) => swept.deleted += u32::from(deleted),
            Err(error) => swept
                .left
                .push(format!("attempt {id} could not be deleted: {error}")),
        }
    }
    swept
}

/// Attempts that may be put aside with their proofs, and the job folders that others still need.
fn judged(ground: &Ground) -> (Vec<(AttemptId, HandedOver)>, BTreeSet<PathBuf>) {
    let (mut over, mut in_use) = (Vec::new(), BTreeSet::new());
    for id in attempts_in(&ground.data.join("attempts")) {
        let folder = ground.record(id);
        let proof = plan::read_for_now::<HandedOver>(&folder.handed_over());
        let proof = proof.ok().flatten();
        let left = Left {
            held: ground.held.contains(&id),
            handed_over_at: proof.as_ref().map(|proof| proof.at),
        };
        match (
            tidy::may_put_aside(left, ground.keep_ms, ground.clock),
            proof,
        ) {
            (Ok(()), Some(proof)) => over.push((id, proof)),
            (_, proof) => in_use.extend(job_folder(&folder, proof)),
        }
    }
    (over, in_use)
}

fn job_folder(folder: &AttemptFolder, proof: Option<HandedOver>) -> Option<PathBuf> {
    let launch = || plan::read_for_now::<LaunchPlan>(&folder.launch()).ok()?;
    match proof {
        Some(proof) => proof.job_folder,
        None => launch().map(|plan| plan.job_folder),
    }
}

/// Real directories that are named like attempts; links are none.
fn attempts_in(folder: &Path) -> Vec<AttemptId> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// The same step twice changes nothing, so that it may break off anywhere.
fn put_aside(ground: &Ground, id: AttemptId, proof: &HandedOver) -> io::Result<()> {
    let aside = ground.data.join("aside").join(id.to_string());
    let job = match &proof.job_folder {
        Some(folder) => movable(ground, folder)?,
        None => None,
    };
    let job_aside = job
        .as_ref()
        .map(|(workspace, _)| workspace.join(JOBS_ASIDE).join(id.to_string()));
    fs::create_dir_all(&aside)?;
    let note_at = aside.join("note.json");
    if plan::read_for_now::<Note>(&note_at)?.is_none() {
        let note = Note {
            why: "Put aside by the runner: the coordinator has everything of this attempt. Move it back to keep it."
                .to_owned(),
            since: ground.clock.now,
            job_folder: job.as_ref().map(|(_, folder)| folder.clone()),
            job_aside: job_aside.clone(),
        };
        plan::write(&note_at, &note)?;
    }
    if let (Some((_, folder)), Some(to)) = (job, job_aside) {
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::rename(&folder, &to)?;
        // Only empty ones go.
        for parent in folder.ancestors().skip(1).take(2) {
            fs::remove_dir(parent).ok();
        }
    }
    fs::rename(ground.record(id).path(), aside.join("record"))
}

/// The workspace directory and the job's folder in it, both without links; none when it is gone already.
fn movable(ground: &Ground, folder: &Path) -> io::Result<Option<(PathBuf, PathBuf)>> {
    if fs::symlink_metadata(folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let outside = || {
        io::Error::other(format!(
            "{} is not in the workspace directory, or is reached through a link",
            folder.display()
        ))
    };
    let workspace = ground.workspace_dir.as_ref().ok_or_else(outside)?;
    let below = folder.strip_prefix(workspace).map_err(|_| outside())?;
    let workspace = workspace.canonicalize()?;
    let real = folder.canonicalize()?;
    let depth = below.components().count();
    if real != workspace.join(below) || depth == 0 || !real.is_dir() {
        return Err(outside());
    }
    Ok(Some((workspace, real)))
}

/// Deletes what has been aside long enough; says whether it was time.
fn delete(ground: &Ground, id: AttemptId, left: &mut Vec<String>) -> io::Result<bool> {
    let aside = ground.data.join("aside").join(id.to_string());
    let Some(note) = plan::read::<Note>(&aside.join("note.json"))? else {
        return Ok(false);
    };
    // Half put aside: that comes first.
    let whole = !ground.record(id).path().exists();
    if !whole || tidy::may_delete(note.since, ground.aside_ms, ground.clock).is_err() {
        return Ok(false);
    }
    let before = left.len();
    if let Some(job) = note.job_aside.filter(|job| is_aside(job, id)) {
        remove::all(&job, left);
    }
    remove::all(&aside.join("record"), left);
    if left.len() == before {
        // The note goes last: without it nothing here would be looked at again.
        remove::all(&aside, left);
    }
    Ok(left.len() == before)
}

/// Whether a path that was written down is a place where job folders are put aside.
fn is_aside(job: &Path, id: AttemptId) -> bool {
    let named = job
        .file_name()
        .is_some_and(|name| name == id.to_string().as_str());
    let parent = job.parent().filter(|parent| parent.ends_with(JOBS_ASIDE));
    let real = |parent: &Path| {
        parent
            .canonicalize()
            .is_ok_and(|canonical| canonical == parent)
    };
    named && parent.is_some_and(real)
}

#[cfg(test)]
mod tests;
