//! Attachments of jobs: their names and digests; the content stands in the object store.

use protocol::{
    api::AttachmentView,
    ids::{AttachmentId, JobId},
    job::JobState,
    time::Timestamp,
};

use uuid::Uuid;

use crate::{
    Result, Store,
    engine::{Conn, Row, sql, sql_for_update},
    storage::recount,
};

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
        self.write((new, now), |tx, (new, now)| Box::pin(add(tx, new, *now)))
            .await
    }

    /// Attachments of a job, by name.
    pub async fn attachments_of(&self, job_id: JobId) -> Result<Vec<AttachmentView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT * FROM attachments WHERE job_id = $1 ORDER BY name",
            job_id
        ))
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The attachment of this name.
    pub async fn attachment(&self, job_id: JobId, name: &str) -> Result<Option<AttachmentView>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT * FROM attachments WHERE job_id = $1 AND name = $2",
            job_id,
            name
        ))
        .await?
        .map(|row| read(&row))
        .transpose()
    }
}

fn read(row: &Row) -> Result<AttachmentView> {
    Ok(AttachmentView {
        id: row.parsed("id")?,
        name: row.text("name")?,
        size: row.count("size")?,
        sha256: row.text("sha256")?,
    })
}

async fn add(
    tx: &mut Conn,
    new: &NewAttachment,
    now: Timestamp,
) -> Result<Option<AttachmentAdded>> {
    let Some(job) = tx
        .one(sql_for_update!(
            "SELECT state FROM jobs WHERE id = $1",
            new.job_id
        ))
        .await?
    else {
        return Ok(None);
    };
    let state: JobState = job.parsed("state")?;
    if state != JobState::Backlog {
        return Ok(Some(AttachmentAdded::WrongState(state)));
    }
    let replaced = tx
        .one(sql!(
            "SELECT size FROM attachments WHERE job_id = $1 AND name = $2",
            new.job_id,
            &new.name
        ))
        .await?
        .map_or(Ok(0), |row| row.count("size"))?;
    recount(tx, new.job_id, replaced, new.size).await?;
    let row = tx
        .one(sql!(
            "INSERT INTO attachments (id, job_id, name, size, sha256, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (job_id, name) DO UPDATE
                 SET size = $4, sha256 = $5, created_at = $6
             RETURNING *",
            AttachmentId(Uuid::now_v7()),
            new.job_id,
            &new.name,
            new.size,
            &new.sha256,
            now
        ))
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    Ok(Some(AttachmentAdded::Added(read(&row)?)))
}
