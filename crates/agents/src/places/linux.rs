//! Linux.

use std::path::PathBuf;

use super::{Surroundings, unix};

pub(super) fn folders(surroundings: &Surroundings<'_>) -> Vec<PathBuf> {
    let mut folders = unix::folders(surroundings);
    folders.extend(["/home/linuxbrew/.linuxbrew/bin", "/snap/bin"].map(PathBuf::from));
    folders
}
