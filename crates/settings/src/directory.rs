//! Whether a directory would do as the workspace directory, where jobs get their folders.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::filesystem::{self, Kind};

/// Below this much free space an agent soon runs into a full disk.
const FREE_BYTES_LOW: u64 = 1024 * 1024 * 1024;

/// Why a directory cannot be the workspace directory.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not a full path.
    #[error("{0} is not a full path; begin at the root of the file system")]
    NotAbsolute(PathBuf),
    /// Something else has that name.
    #[error("{0} is a file; choose a directory")]
    NotADirectory(PathBuf),
    /// It is the home directory itself.
    #[error(
        "{0} is the home directory itself, with everything that is yours; choose a directory of its own in it"
    )]
    Home(PathBuf),
    /// It is the root of a file system.
    #[error("{0} is the root of a file system; choose a directory of its own in it")]
    Root(PathBuf),
    /// The runner keeps its own files there.
    #[error("{0} is where the runner keeps its own files; choose a directory outside of it")]
    InsideDataDir(PathBuf),
    /// The runner's own files would be within an agent's reach.
    #[error("{0} holds the runner's own files; choose a directory that does not")]
    AroundDataDir(PathBuf),
    /// It cannot be made or written to.
    #[error("{path} cannot be written to ({reason}); make it writable or choose another directory")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// In the system's words.
        reason: String,
    },
}

impl Problem {
    /// The code that a runner reports as its trouble.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unwritable { .. } => "workspace_unwritable",
            Self::NotAbsolute(_)
            | Self::NotADirectory(_)
            | Self::Home(_)
            | Self::Root(_)
            | Self::InsideDataDir(_)
            | Self::AroundDataDir(_) => "workspace_unsuitable",
        }
    }
}

/// What a look at a directory found.
#[derive(Debug)]
pub struct Findings {
    /// The directory, without links as far as it exists.
    pub path: PathBuf,
    /// Whether it exists; it is made when it is chosen.
    pub exists: bool,
    /// Why it cannot be used.
    pub problem: Option<Problem>,
    /// What is unwise about it.
    pub warnings: Vec<String>,
    /// Free space in bytes, where the system says so.
    pub free_bytes: Option<u64>,
}

/// The person's and the runner's own places, which a workspace directory must respect.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The home directory.
    pub home: Option<&'a Path>,
    /// The runner's data directory.
    pub data_dir: &'a Path,
}

/// Looks at `path`; nothing stays changed.
pub fn look_at(path: &Path, places: Places<'_>) -> Findings {
    let resolved = resolve(path);
    let exists = resolved.is_dir();
    let problem = problem_of(&resolved, places).err();
    let mut warnings = Vec::new();
    if let Some(service) = synchronised_by(&resolved) {
        warnings.push(format!(
            "{service} synchronises this directory: it may lock or undo files while an agent works, and uploads everything"
        ));
    }
    if filesystem::kind_of(&resolved) == Kind::Network {
        warnings.push(
            "this directory is on a network file system: jobs will be slow, and some tools fail there".to_owned(),
        );
    }
    let free_bytes = free_bytes(&resolved);
    if let Some(free) = free_bytes.filter(|free| *free < FREE_BYTES_LOW) {
        warnings.push(format!("only {} MB are free there", free / (1024 * 1024)));
    }
    Findings {
        path: resolved,
        exists,
        problem,
        warnings,
        free_bytes,
    }
}

/// Free space in bytes for what would be written at `path`, where the system says so.
pub fn free_bytes(path: &Path) -> Option<u64> {
    nearest_existing(path).and_then(|near| fs4::available_space(near).ok())
}

/// Makes `path` ready for use as the workspace directory.
pub fn prepare(path: &Path, places: Places<'_>) -> Result<PathBuf, Problem> {
    let resolved = resolve(path);
    problem_of(&resolved, places)?;
    fs::create_dir_all(&resolved).map_err(|error| unwritable(&resolved, &error))?;
    Ok(resolved)
}

fn problem_of(path: &Path, places: Places<'_>) -> Result<(), Problem> {
    let named = || path.to_owned();
    if !path.is_absolute() {
        return Err(Problem::NotAbsolute(named()));
    }
    if path.parent().is_none() {
        return Err(Problem::Root(named()));
    }
    if places.home.is_some_and(|home| resolve(home) == path) {
        return Err(Problem::Home(named()));
    }
    let data_dir = resolve(places.data_dir);
    if path.starts_with(&data_dir) {
        return Err(Problem::InsideDataDir(named()));
    }
    if data_dir.starts_with(path) {
        return Err(Problem::AroundDataDir(named()));
    }
    match nearest_existing(path) {
        Some(near) if !near.is_dir() => Err(Problem::NotADirectory(near.to_owned())),
        Some(near) => try_writing(near).map_err(|error| unwritable(path, &error)),
        None => Err(unwritable(path, &io::ErrorKind::NotFound.into())),
    }
}

/// Only writing shows whether writing works: rights, quotas and read-only mounts all count.
fn try_writing(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".coord-write-test-{}", std::process::id()));
    match fs::create_dir(&probe) {
        Ok(()) => fs::remove_dir(&probe),
        // Two looks at the same moment: the other one could write.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Problem {
    Problem::Unwritable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// `path` without links, as far as it exists.
fn resolve(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            return match path.strip_prefix(ancestor) {
                Ok(rest) if rest.as_os_str().is_empty() => real,
                Ok(rest) => real.join(rest),
                Err(_) => path.to_owned(),
            };
        }
    }
    path.to_owned()
}

fn nearest_existing(path: &Path) -> Option<&Path> {
    path.ancestors().find(|ancestor| ancestor.exists())
}

/// The synchronising service whose folder holds `path`, by the names that these folders have.
fn synchronised_by(path: &Path) -> Option<&'static str> {
    path.components().find_map(|component| {
        let name = component.as_os_str().to_string_lossy().to_lowercase();
        match name.as_str() {
            "onedrive" => Some("OneDrive"),
            "dropbox" => Some("Dropbox"),
            "google drive" | "googledrive" | "my drive" => Some("Google Drive"),
            "mobile documents" | "icloud drive" | "iclouddrive" => Some("iCloud Drive"),
            "nextcloud" => Some("Nextcloud"),
            "cloudstorage" => Some("a cloud service"),
            _ if name.starts_with("onedrive - ") => Some("OneDrive"),
            _ if name.starts_with("dropbox (") => Some("Dropbox"),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests;
