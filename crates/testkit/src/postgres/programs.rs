//! Where PostgreSQL's programs stand.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders that hold one folder a version, with its programs in `bin`.
const VERSIONED_FOLDERS: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
/// Folders that hold the programs themselves.
const PLAIN_FOLDERS: [&str; 2] = ["/usr/pgsql/bin", "/usr/bin"];

/// The folder that has them all.
#[derive(Debug, Clone)]
pub(super) struct Programs(PathBuf);

impl Programs {
    /// Those on PATH, else the newest that is installed.
    pub(super) fn find() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let on_path = env::split_paths(&path).collect::<Vec<_>>();
        on_path
            .into_iter()
            .chain(
                VERSIONED_FOLDERS
                    .iter()
                    .flat_map(|folder| newest_first(Path::new(folder))),
            )
            .chain(PLAIN_FOLDERS.iter().map(PathBuf::from))
            .find(|folder| {
                ["initdb", "postgres", "createdb"]
                    .iter()
                    .all(|name| folder.join(name).is_file())
            })
            .map(Self)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn command(&self, name: &str) -> Command {
        new_command(&self.path(name))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server for tests is no program of the product, and ends with its test"
)]
pub(super) fn new_command(program: &Path) -> Command {
    Command::new(program)
}

fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix("postgresql@").unwrap_or(&name);
            Some((version.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort_unstable_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, bin)| bin).collect()
}
