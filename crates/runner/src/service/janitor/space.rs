//! What takes space on this machine.

use std::{fs, path::Path};

use control::state::SpaceUsed;

use super::{Ground, aside::JOBS_ASIDE};

/// Entries that are counted at most; beyond it the number is a lower bound.
const ENTRIES_MAX: u32 = 2_000_000;

/// Adds it up.
pub(super) fn of(ground: &Ground) -> SpaceUsed {
    let mut budget = ENTRIES_MAX;
    let workspace = ground.workspace_dir.as_deref();
    let jobs = workspace.map_or(0, |folder| bytes_in(folder, &mut budget));
    let jobs_aside = workspace.map_or(0, |folder| bytes_in(&folder.join(JOBS_ASIDE), &mut budget));
    SpaceUsed {
        records_bytes: bytes_in(&ground.data.join("attempts"), &mut budget),
        jobs_bytes: jobs.saturating_sub(jobs_aside),
        aside_bytes: jobs_aside + bytes_in(&ground.data.join("aside"), &mut budget),
        at: ground.clock.now,
    }
}

/// Bytes of the files below `folder`; links count for nothing.
fn bytes_in(folder: &Path, budget: &mut u32) -> u64 {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if *budget == 0 {
                return bytes;
            }
            *budget -= 1;
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                bytes += entry.metadata().map_or(0, |found| found.len());
            }
        }
    }
    bytes
}
