//! Attachments of jobs: their names and digests; the content stands in the object store.

use protocol::{api::AttachmentView, ids::JobId, job::JobState, time::Timestamp};

use crate::{Error, Result, Store};

/// An attachment to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// Of which job.
    pub job_id: JobId,
    /// Its file name.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// What came of adding an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentAdded {
    /// It is kept; one of the same name is replaced.
    Added(AttachmentView),
    /// Attachments can be added in Backlog only.
    WrongState(JobState),
}

impl Store {
    /// Keeps an attachment of a job in Backlog; none when there is no such job.
    pub async fn add_attachment(
        &self,
        new: NewAttachment,
        now: Timestamp,
    ) -> Result<Option<AttachmentAdded>> {
        let _ = (new, now);
        Err(Error::Closed)
    }

    /// Attachments of a job, by name.
    pub async fn attachments_of(&self, job_id: JobId) -> Result<Vec<AttachmentView>> {
        let _ = job_id;
        Err(Error::Closed)
    }

    /// The attachment of this name.
    pub async fn attachment(&self, job_id: JobId, name: &str) -> Result<Option<AttachmentView>> {
        let _ = (job_id, name);
        Err(Error::Closed)
    }
}
