//! macOS.

use std::path::PathBuf;

use super::{Surroundings, each_version, unix};

pub(super) fn folders(surroundings: &Surroundings<'_>) -> Vec<PathBuf> {
    let mut folders = unix::folders(surroundings);
    if let Some(home) = surroundings.home() {
        folders.push(home.join("Library/pnpm"));
        let fnm = home.join("Library/Application Support/fnm");
        folders.push(fnm.join("aliases/default/bin"));
        folders.extend(each_version(&fnm.join("node-versions"), "installation/bin"));
    }
    folders.extend(["/opt/homebrew/bin", "/opt/local/bin"].map(PathBuf::from));
    folders
}
