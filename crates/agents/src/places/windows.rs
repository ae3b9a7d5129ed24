//! Windows.

use std::path::PathBuf;

use super::{Surroundings, each_version, npm_prefix};

pub(super) fn folders(surroundings: &Surroundings<'_>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(home) = surroundings.home() {
        let npmrc = std::fs::read_to_string(home.join(".npmrc")).unwrap_or_default();
        folders.extend(npm_prefix(&npmrc, &home));
        for folder in [
            ".local/bin",
            ".bun/bin",
            ".volta/bin",
            "scoop/shims",
            ".cargo/bin",
        ] {
            folders.push(home.join(folder));
        }
    }
    if let Some(roaming) = surroundings.folder("APPDATA") {
        folders.push(roaming.join("npm"));
        folders.extend(each_version(
            &roaming.join("fnm/node-versions"),
            "installation",
        ));
        folders.extend(each_version(&roaming.join("Claude/claude-code"), ""));
        folders.extend(each_version(&roaming.join("nvm"), ""));
    }
    if let Some(local) = surroundings.folder("LOCALAPPDATA") {
        for folder in ["pnpm", "Volta/bin", "mise/shims", "Microsoft/WinGet/Links"] {
            folders.push(local.join(folder));
        }
    }
    folders.extend(surroundings.folder("NVM_SYMLINK"));
    folders
}
