//! What service and worker write down for each other in an attempt's folder.
//!
//! The result is kept for good. Everything else is for now: it outlives both
//! processes, and means nothing once the machine itself has stopped, since no
//! worker does then. So nobody waits for the disk while an agent is started.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use lifecycle::retry::{Backoff, PARKING, Parking};
use protocol::{
    agent::AgentName,
    job::Outcome,
    limits::APPROVAL_TIMEOUT_MIN_DEFAULT,
    record::Usage,
    rule::PermissionRule,
    runner::{ArtifactFile, PermissionLevel},
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::link::Address;

/// How the worker starts the agent; written by the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LaunchPlan {
    /// Which agent.
    pub(crate) agent: AgentName,
    /// Its program.
    pub(crate) program: PathBuf,
    /// The model to ask for.
    pub(crate) model: Option<String>,
    /// Arguments that the owner added.
    pub(crate) extra_arguments: Vec<String>,
    /// The agent's working directory.
    pub(crate) job_folder: PathBuf,
    /// Where the worker listens.
    pub(crate) socket: Address,
    /// How tries follow each other.
    pub(crate) retry: Retry,
    /// How large the log may grow.
    pub(crate) log_bytes_max: u64,
    /// What the agent is, when it is one of the owner's own.
    #[serde(default)]
    pub(crate) custom: Option<CustomPlan>,
    /// How much the agent may do without asking.
    #[serde(default)]
    pub(crate) permission: PermissionLevel,
    /// The session of an earlier attempt that broke off on this machine.
    #[serde(default)]
    pub(crate) resume: Option<AgentSession>,
    /// What the owner allows always.
    #[serde(default)]
    pub(crate) rules: Vec<PermissionRule>,
    /// How long a request waits for a person, in milliseconds.
    #[serde(default = "usual_patience_ms")]
    pub(crate) patience_ms: u64,
}

/// What counts for a plan of an older service.
fn usual_patience_ms() -> u64 {
    u64::from(APPROVAL_TIMEOUT_MIN_DEFAULT) * 60_000
}

/// An agent of the owner's own. The values of its variables come with the worker's own
/// environment, and are never written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CustomPlan {
    /// What people call it.
    pub(crate) title: String,
    /// The arguments that make it speak the protocol.
    pub(crate) arguments: Vec<String>,
    /// Names of the variables set for it.
    pub(crate) variables: Vec<String>,
    /// The mode that the owner chose.
    pub(crate) mode: Option<String>,
}

/// Waits between tries, as in [`Backoff`] and [`Parking`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retry {
    first_ms: u64,
    max_ms: u64,
    tries_max: Option<u32>,
    /// The longest that an attempt is parked in all.
    #[serde(default = "usual_park_ms_max")]
    park_ms_max: u64,
    /// The shortest that it is parked once.
    #[serde(default = "usual_park_ms_min")]
    park_ms_min: u64,
}

const fn usual_park_ms_max() -> u64 {
    PARKING.total_ms_max
}

const fn usual_park_ms_min() -> u64 {
    PARKING.once_ms_min
}

impl Retry {
    /// Tries and parks with these limits.
    pub(crate) const fn new(backoff: Backoff, parking: Parking) -> Self {
        Self {
            first_ms: backoff.first_ms,
            max_ms: backoff.max_ms,
            tries_max: backoff.tries_max,
            park_ms_max: parking.total_ms_max,
            park_ms_min: parking.once_ms_min,
        }
    }

    /// The limits of parking.
    pub(crate) const fn parking(self) -> Parking {
        Parking {
            total_ms_max: self.park_ms_max,
            once_ms_min: self.park_ms_min,
        }
    }
}

impl From<Retry> for Backoff {
    fn from(retry: Retry) -> Self {
        Self {
            first_ms: retry.first_ms,
            max_ms: retry.max_ms,
            tries_max: retry.tries_max,
        }
    }
}

/// Who the worker is; written by the worker once it listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkerIdentity {
    /// Its process.
    pub(crate) process: process::Identity,
}

/// The agent's session; on the disk before anything is said to the agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgentSession {
    /// The session's own id: the wished one until the agent has said which it is.
    pub(crate) session: Option<String>,
    /// The agent's process, once it runs.
    pub(crate) process: Option<process::Identity>,
    /// Which agent's; none in what older runners wrote, like all that follows.
    #[serde(default)]
    pub(crate) agent: Option<AgentName>,
    /// The agent's version.
    #[serde(default)]
    pub(crate) version: Option<String>,
    /// The agent's working directory.
    #[serde(default)]
    pub(crate) job_folder: Option<PathBuf>,
    /// When the session was begun.
    #[serde(default)]
    pub(crate) begun_at: Option<Timestamp>,
    /// The highest total that the session has named, where its agent counts so.
    #[serde(default)]
    pub(crate) used: Option<Usage>,
}

/// How the work ended; the worker's last word, for the service to hand over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorkResult {
    /// The proposed outcome.
    pub(crate) outcome: Outcome,
    /// What is to be handed over, from the output folder.
    pub(crate) files: Vec<ArtifactFile>,
}

/// Reads what the other side wrote; none when it has not.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`read`], of something written for now: none as well when the machine stopped before it was on the disk.
pub(crate) fn read_for_now<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match read(path) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ) =>
        {
            tracing::warn!(path = %path.display(), %error, "a file of an attempt is not whole");
            Ok(None)
        }
        read => read,
    }
}

/// Writes for the other side: it sees nothing or the whole, also after a crash of the machine.
pub(crate) fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let (half, file) = write_half(path, value)?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    sync_folder(path)
}

/// As [`write()`], for as long as the machine runs; read with [`read_for_now`] where it may have stopped since.
pub(crate) fn write_for_now(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let (half, _) = write_half(path, value)?;
    fs::rename(&half, path)
}

/// Makes what was written for now outlast the machine; nothing to do when it is not there.
pub(crate) fn keep(path: &Path) -> io::Result<()> {
    // Some systems flush only what may be written to.
    match File::options().write(true).open(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_folder(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn write_half(path: &Path, value: &impl Serialize) -> io::Result<(PathBuf, File)> {
    let half = path.with_extension("new");
    let mut file = File::create(&half)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    Ok((half, file))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    // Without this a crash of the machine may undo the renaming.
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stopped_machine_left_of_a_file_for_now_counts_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("launch.json");
        assert_eq!(read_for_now::<Vec<u32>>(&path).unwrap(), None);
        write_for_now(&path, &vec![1, 2, 3]).unwrap();
        keep(&path).unwrap();
        assert_eq!(read_for_now(&path).unwrap(), Some(vec![1, 2, 3]));
        for spoilt in ["", "[1,2", "\0\0\0\0"] {
            fs::write(&path, spoilt).unwrap();
            assert_eq!(read_for_now::<Vec<u32>>(&path).unwrap(), None);
            assert!(read::<Vec<u32>>(&path).is_err());
        }
    }

    #[test]
    fn what_is_not_there_needs_no_keeping() {
        let folder = tempfile::tempdir().unwrap();
        keep(&folder.path().join("launch.json")).unwrap();
    }
}
