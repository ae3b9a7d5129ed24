//! Artifacts: manifests and parts; the content stands in the object store.

use protocol::{
    api::ArtifactView,
    ids::{ArtifactId, AttemptId, JobId, RunnerId},
    runner::ArtifactManifest,
    time::Timestamp,
};

use crate::{AttemptRef, Error, Result, Store};

/// One stored part of an attempt's artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// SHA-256 of its content.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

/// A file that an attempt handed back, with where its content stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Of which attempt.
    pub at: AttemptRef,
    /// As people see it.
    pub view: ArtifactView,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// What came of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestResult {
    /// Everything is there.
    Stored(AttemptRef),
    /// These parts have to be sent first.
    MissingParts(Vec<String>),
    /// A file's size is not that of its parts.
    SizeDiffers {
        /// Which file.
        path: String,
    },
    /// The fence has moved on, or the attempt has ended.
    FenceMovedOn,
    /// The runner does not have such an attempt.
    NotYours,
}

impl Store {
    /// Notes that a part's content stands in the object store.
    pub async fn add_part(&self, attempt_id: AttemptId, part: Part, now: Timestamp) -> Result<()> {
        let _ = (attempt_id, part, now);
        Err(Error::Closed)
    }

    /// Keeps the list of everything that an attempt hands back, under its fence.
    pub async fn store_manifest(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        manifest: ArtifactManifest,
        now: Timestamp,
    ) -> Result<ManifestResult> {
        let _ = (runner_id, attempt_id, manifest, now);
        Err(Error::Closed)
    }

    /// Files that the attempts of a job handed back, newest attempt first, then by path.
    pub async fn artifacts_of(&self, job_id: JobId) -> Result<Vec<ArtifactView>> {
        let _ = job_id;
        Err(Error::Closed)
    }

    /// The artifact.
    pub async fn artifact(&self, id: ArtifactId) -> Result<Option<Artifact>> {
        let _ = id;
        Err(Error::Closed)
    }
}
