//! Puts the `coord` program that came with this app into a folder of its own
//! version, so that an update of the app never replaces a file in use.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

const PROGRAM: &str = if cfg!(windows) { "coord.exe" } else { "coord" };
/// So many installed versions stay, since a worker may still run from an older one.
const VERSIONS_KEPT: usize = 3;

/// The program beside this app's own.
pub(super) fn bundled() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?.canonicalize()?;
    let beside = own.with_file_name(PROGRAM);
    if beside.is_file() {
        return Ok(beside);
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!(
            "{} is missing; it comes with this app, so install the app again",
            beside.display()
        ),
    ))
}

/// Installs `source` under `folder` and gives the path to run it from.
pub(super) fn install(source: &Path, folder: &Path) -> io::Result<PathBuf> {
    let home = folder.join(version_of(source)?);
    let program = home.join(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    std::fs::create_dir_all(&home)?;
    // Renamed when whole, so that nobody ever runs half a program.
    let half = home.join(format!("{PROGRAM}.{}", std::process::id()));
    let copied = std::fs::copy(source, &half).and_then(|_| std::fs::rename(&half, &program));
    if let Err(error) = copied {
        let _ = std::fs::remove_file(&half);
        return Err(error);
    }
    tidy(folder, &home);
    Ok(program)
}

/// Names a build: the app's version, and size and time of the file, which tell
/// two builds of one version apart.
fn version_of(source: &Path) -> io::Result<String> {
    let facts = source.metadata()?;
    let built = facts
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    Ok(format!(
        "{}-{:x}-{:x}",
        env!("CARGO_PKG_VERSION"),
        facts.len(),
        built.as_secs()
    ))
}

fn tidy(folder: &Path, newest: &Path) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    let mut others: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path() != newest)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    others.sort();
    let surplus = (others.len() + 1).saturating_sub(VERSIONS_KEPT);
    for (_, path) in others.into_iter().take(surplus) {
        if let Err(error) = std::fs::remove_dir_all(&path) {
            tracing::debug!(%error, path = %path.display(), "an old version stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_build_gets_a_folder_of_its_own_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let (source, folder) = (dir.path().join("coord"), dir.path().join("bin"));
        let mut installed = Vec::new();
        for build in 1..=VERSIONS_KEPT + 2 {
            std::fs::write(&source, "x".repeat(build)).unwrap();
            installed.push(install(&source, &folder).unwrap());
        }
        let last = installed.last().unwrap();
        assert_eq!(
            std::fs::read(last).unwrap(),
            std::fs::read(&source).unwrap()
        );
        assert_eq!(folder.read_dir().unwrap().count(), VERSIONS_KEPT);
        assert_eq!(&install(&source, &folder).unwrap(), last);
    }

    #[test]
    fn a_failed_copy_leaves_nothing_that_could_be_run() {
        let dir = tempfile::tempdir().unwrap();
        assert!(install(&dir.path().join("missing"), &dir.path().join("bin")).is_err());
        assert!(!dir.path().join("bin").exists());
    }
}
