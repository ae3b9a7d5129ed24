//! Deleting a folder: entry by entry, as far as it goes, and never through a link.

use std::{fs, io, path::Path};

/// Deeper than this is left for a person.
const DEPTH_MAX: u32 = 200;

/// Deletes `path` with everything in it; what resists is named in `left`.
pub(super) fn all(path: &Path, left: &mut Vec<String>) {
    // Links are deleted, and not followed.
    match fs::remove_dir_all(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_) => one_by_one(path, 0, left),
    }
}

fn one_by_one(path: &Path, depth: u32, left: &mut Vec<String>) {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if is_folder && depth < DEPTH_MAX {
        allow(path);
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            one_by_one(&entry.path(), depth + 1, left);
        }
    }
    let removed = if is_folder {
        fs::remove_dir(path)
    } else {
        fs::remove_file(path)
    };
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        left.push(format!("{} stays: {error}", path.display()));
    }
}

/// A folder that its owner may not change is made one that may be.
#[cfg(unix)]
fn allow(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).ok();
}

#[cfg(not(unix))]
fn allow(_folder: &Path) {}
