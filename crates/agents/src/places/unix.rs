//! What is the same on every Unix.

use std::path::PathBuf;

use super::{Surroundings, each_version, npm_prefix};

/// Folders below the home, in the order in which they are looked through.
const BELOW_HOME: &[&str] = &[
    ".local/bin",
    ".npm-global/bin",
    ".npm/bin",
    ".volta/bin",
    ".bun/bin",
    ".asdf/shims",
    ".local/share/mise/shims",
    ".fnm/aliases/default/bin",
    ".local/share/fnm/aliases/default/bin",
    ".nodenv/shims",
    ".local/share/pnpm",
    ".yarn/bin",
    ".cargo/bin",
    "n/bin",
];

pub(super) fn folders(surroundings: &Surroundings<'_>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(home) = surroundings.home() {
        let npmrc = std::fs::read_to_string(home.join(".npmrc")).unwrap_or_default();
        folders.extend(npm_prefix(&npmrc, &home).map(|prefix| prefix.join("bin")));
        folders.extend(BELOW_HOME.iter().map(|folder| home.join(folder)));
        let nvm = surroundings
            .folder("NVM_DIR")
            .unwrap_or_else(|| home.join(".nvm"));
        folders.extend(each_version(&nvm.join("versions/node"), "bin"));
        for fnm in [".fnm", ".local/share/fnm"] {
            let versions = home.join(fnm).join("node-versions");
            folders.extend(each_version(&versions, "installation/bin"));
        }
    }
    folders.push(PathBuf::from("/usr/local/bin"));
    folders
}
