//! Where an attempt keeps what: its record folder, and the job's own folder.
//!
//! The record folder belongs to the runner and lives in its data directory; the
//! job's folder belongs to the agent and lives in the workspace directory.

use std::path::{Path, PathBuf};

use protocol::{ids::AttemptId, runner::Assignment};

/// Longest part of a folder's name that is made from a title, in characters.
const SLUG_CHARS_MAX: usize = 40;

/// The folder in the runner's data directory that holds one attempt's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttemptFolder(PathBuf);

impl AttemptFolder {
    /// The folder of `attempt` under the runner's data directory.
    pub(crate) fn of(data: &Path, attempt: AttemptId) -> Self {
        Self(data.join("attempts").join(attempt.to_string()))
    }

    /// The folder at `path`.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What the coordinator handed out.
    pub(crate) fn assignment(&self) -> PathBuf {
        self.0.join("assignment.json")
    }

    /// How the worker starts the agent.
    pub(crate) fn launch(&self) -> PathBuf {
        self.0.join("launch.json")
    }

    /// The stream of events.
    pub(crate) fn events(&self) -> PathBuf {
        self.0.join("events.ndjson")
    }

    /// The stream of log entries.
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log.ndjson")
    }

    /// Who the worker is, written by the worker once it listens.
    pub(crate) fn worker(&self) -> PathBuf {
        self.0.join("worker.json")
    }

    /// The agent's session, written before the agent is started.
    pub(crate) fn session(&self) -> PathBuf {
        self.0.join("session.json")
    }

    /// How the work ended, written by the worker as its last deed.
    pub(crate) fn result(&self) -> PathBuf {
        self.0.join("result.json")
    }

    /// The proof that the coordinator has everything, written once it has.
    pub(crate) fn handed_over(&self) -> PathBuf {
        self.0.join("handed_over.json")
    }

    /// Fetched inputs, until they are copied into the job's folder.
    pub(crate) fn inputs(&self) -> PathBuf {
        self.0.join("inputs")
    }

    /// What the worker itself prints, should it ever have to.
    pub(crate) fn worker_output(&self) -> PathBuf {
        self.0.join("worker.log")
    }
}

/// The folder in which the agent works, under the workspace directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobFolder(PathBuf);

impl JobFolder {
    /// The folder for `assignment` under the workspace directory.
    pub(crate) fn of(workspace_dir: &Path, assignment: &Assignment) -> Self {
        let job = match slug(&assignment.title) {
            Some(title) => format!("{}-{title}", assignment.job_number),
            None => assignment.job_number.to_string(),
        };
        let workspace =
            slug(&assignment.workspace).unwrap_or_else(|| assignment.workspace_id.to_string());
        Self(
            workspace_dir
                .join(workspace)
                .join(job)
                .join(format!("attempt-{}", assignment.attempt_number)),
        )
    }

    /// The folder at `path`.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What the agent leaves here becomes the attempt's artifacts.
    pub(crate) fn output(&self) -> PathBuf {
        self.0.join("output")
    }

    /// The attempt's own directory for temporary files; the agent may use it like the rest of the folder.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.0.join(".tmp")
    }

    /// Copies of the job's attachments.
    pub(crate) fn inputs(&self) -> PathBuf {
        self.0.join("inputs")
    }
}

/// A name that is safe in every file system; none when nothing of `text` is left.
///
/// Titles come from strangers, so only letters and digits of ASCII survive: no
/// separators, no leading dots, no reserved characters.
fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for character in text.chars() {
        if slug.len() >= SLUG_CHARS_MAX {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    // Windows keeps these names for devices, whatever the extension.
    let reserved = ["con", "prn", "aux", "nul"].contains(&slug)
        || ((slug.starts_with("com") || slug.starts_with("lpt")) && slug.len() == 4);
    match slug {
        "" => None,
        name if reserved => Some(format!("{name}-job")),
        name => Some(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_harmless_name() {
        assert_eq!(
            slug("Fix login: redirect!"),
            Some("fix-login-redirect".to_owned())
        );
        assert_eq!(slug("../../etc/passwd"), Some("etc-passwd".to_owned()));
        assert_eq!(slug("CON"), Some("con-job".to_owned()));
        assert_eq!(slug("日本"), None);
        assert!(slug(&"x".repeat(500)).is_some_and(|name| name.len() == SLUG_CHARS_MAX));
    }
}
