//! What service and worker write down for each other in an attempt's folder.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use lifecycle::retry::Backoff;
use protocol::{agent::AgentName, job::Outcome, runner::ArtifactFile};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::link::Address;

/// How the worker starts the agent; written by the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// Waits between tries, as in [`Backoff`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retry {
    first_ms: u64,
    max_ms: u64,
    tries_max: Option<u32>,
}

impl From<Backoff> for Retry {
    fn from(backoff: Backoff) -> Self {
        Self {
            first_ms: backoff.first_ms,
            max_ms: backoff.max_ms,
            tries_max: backoff.tries_max,
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

/// The agent's session; written by the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AgentSession {
    /// The session's own id, once it is known.
    pub(crate) session: Option<String>,
    /// The agent's process, once it runs.
    pub(crate) process: Option<process::Identity>,
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

/// Writes for the other side: it sees nothing or the whole, also after a crash.
pub(crate) fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let half = path.with_extension("new");
    let mut file = File::create(&half)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    sync_folder(path)
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
