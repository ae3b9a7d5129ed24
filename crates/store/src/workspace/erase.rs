//! Doing away with what deleted workspaces leave, piece by piece.
//!
//! Attempts that are still under way end by their own deadlines first. Files go
//! before the rows that name them, so that none is forgotten: the caller asks
//! what to erase, removes the files, and only then says that they are gone.

use protocol::{
    ids::{AttemptId, JobId, WorkspaceId},
    time::Timestamp,
};

use crate::{
    Page, Poisoned, Result, Store,
    engine::{Conn, Row, Statement, sql, sql_for_delete},
    poisoned::read_each,
};

/// What to erase next: a job with its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasableJob {
    /// Which job.
    pub job_id: JobId,
    /// The attempts that may have left files.
    pub attempts: Vec<AttemptId>,
}

impl Store {
    /// Jobs of deleted workspaces of which nothing is under way any more, after that of `after`.
    pub async fn erasable_jobs(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ErasableJob>> {
        let mut conn = self.snapshot().await?;
        let rows = conn
            .all(sql!(
                "SELECT j.id FROM jobs j JOIN workspaces w ON w.id = j.workspace_id
                 WHERE w.deleted_at IS NOT NULL AND j.state IN ('done', 'failed', 'cancelled')
                   AND j.id > $2
                   AND NOT EXISTS (SELECT 1 FROM attempts t
                                   WHERE t.job_id = j.id AND t.stage IN ('assigned', 'held'))
                 ORDER BY j.id LIMIT $1",
                limit,
                after.unwrap_or_default()
            ))
            .await?;
        let jobs = with_attempts(&mut conn, &rows, limit).await?;
        conn.end_snapshot().await?;
        Ok(jobs)
    }

    /// Jobs that were over before `before`, after that of `after`, of which nothing is
    /// under way and whose logs have been dealt with.
    pub async fn jobs_over_before(
        &self,
        before: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ErasableJob>> {
        let mut conn = self.snapshot().await?;
        let rows = conn
            .all(sql!(
                "SELECT j.id FROM jobs j
                 WHERE j.state IN ('done', 'failed', 'cancelled') AND j.updated_at < $1
                   AND j.id > $2
                   AND NOT EXISTS (SELECT 1 FROM attempts t
                                   WHERE t.job_id = j.id
                                     AND (t.stage IN ('assigned', 'held') OR t.ended_at >= $1
                                          OR t.ended_at IS NULL OR t.log_last > t.log_sealed))
                 ORDER BY j.id LIMIT $3",
                before,
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        let jobs = with_attempts(&mut conn, &rows, limit).await?;
        conn.end_snapshot().await?;
        Ok(jobs)
    }

    /// Erases a job whose files are gone, if it still is one of [`Store::jobs_over_before`].
    pub async fn erase_job_over_before(&self, job_id: JobId, before: Timestamp) -> Result<bool> {
        self.write((job_id, before), |tx, (job_id, before)| {
            Box::pin(async move {
                let still = tx
                    .one(sql_for_delete!(
                        "SELECT id FROM jobs j WHERE id = $1 AND updated_at < $2
                           AND state IN ('done', 'failed', 'cancelled')
                           AND NOT EXISTS (SELECT 1 FROM attempts t
                                   WHERE t.job_id = j.id
                                     AND (t.stage IN ('assigned', 'held') OR t.ended_at >= $2
                                          OR t.ended_at IS NULL OR t.log_last > t.log_sealed))",
                        *job_id,
                        *before
                    ))
                    .await?;
                if still.is_none() {
                    return Ok(false);
                }
                give_storage_back(tx, *job_id).await?;
                erase_job(tx, *job_id).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Deletes some lines of audit logs from before `before`; how many.
    pub async fn erase_audit(&self, before: Timestamp) -> Result<u64> {
        self.write(before, |tx, before| {
            Box::pin(async move {
                tx.run(sql!(
                    "DELETE FROM audit WHERE id IN
                     (SELECT id FROM audit WHERE at < $1 ORDER BY id LIMIT 1000)",
                    *before
                ))
                .await
            })
        })
        .await
    }

    /// Deletes some notifications that were read before `before`; how many.
    pub async fn erase_read_notifications(&self, before: Timestamp) -> Result<u64> {
        self.write(before, |tx, before| {
            Box::pin(async move {
                tx.run(sql!(
                    "DELETE FROM notifications WHERE id IN
                     (SELECT id FROM notifications
                      WHERE read_at IS NOT NULL AND read_at < $1 ORDER BY id LIMIT 1000)",
                    *before
                ))
                .await
            })
        })
        .await
    }

    /// Erases a job of a deleted workspace, whose files are gone.
    pub async fn erase_job(&self, job_id: JobId) -> Result<()> {
        self.write(job_id, |tx, job_id| Box::pin(erase_job(tx, *job_id)))
            .await
    }

    /// Deleted workspaces that have no job left, after that of `after`.
    pub async fn erasable_workspaces(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<WorkspaceId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id FROM workspaces w WHERE deleted_at IS NOT NULL AND id > $1
                   AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.workspace_id = w.id)
                 ORDER BY id LIMIT $2",
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "id", limit, |row| row.parsed("id"))
    }

    /// Erases a workspace that is deleted and has no job left; says whether it was one.
    pub async fn erase_workspace(&self, id: WorkspaceId) -> Result<bool> {
        self.write(id, |tx, id| {
            Box::pin(async move {
                let still = tx
                    .one(sql_for_delete!(
                        "SELECT id FROM workspaces
                         WHERE id = $1 AND deleted_at IS NOT NULL
                           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.workspace_id = $1)",
                        *id
                    ))
                    .await?;
                if still.is_none() {
                    return Ok(false);
                }
                erase_workspace(tx, *id).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// The jobs of `rows`, each with its attempts; one that cannot be read is left out and named.
async fn with_attempts(conn: &mut Conn, rows: &[Row], limit: u32) -> Result<Page<ErasableJob>> {
    let mut page = read_each(rows, "id", limit, |row| row.parsed::<JobId>("id"))?;
    let mut jobs = Vec::with_capacity(page.rows.len());
    for job_id in page.rows {
        let attempts = conn
            .all(sql!("SELECT id FROM attempts WHERE job_id = $1", job_id))
            .await?;
        let attempts: Result<Vec<AttemptId>> =
            attempts.iter().map(|row| row.parsed("id")).collect();
        match attempts {
            Ok(attempts) => jobs.push(ErasableJob { job_id, attempts }),
            Err(error) => page.poisoned.push(Poisoned {
                key: job_id.to_string(),
                error,
            }),
        }
    }
    Ok(Page {
        rows: jobs,
        poisoned: page.poisoned,
        next: page.next,
    })
}

/// Its files count for its workspace's owner no more.
async fn give_storage_back(tx: &mut Conn, id: JobId) -> Result<()> {
    tx.run(sql!(
        "UPDATE workspaces SET storage_bytes = storage_bytes - CAST((
             SELECT COALESCE(SUM(f.size), 0) FROM (
                 SELECT a.size FROM attachments a WHERE a.job_id = $1
                 UNION ALL SELECT r.size FROM artifacts r WHERE r.job_id = $1
             ) f) AS BIGINT)
         WHERE id = (SELECT workspace_id FROM jobs WHERE id = $1)",
        id
    ))
    .await?;
    Ok(())
}

async fn erase_job(tx: &mut Conn, id: JobId) -> Result<()> {
    run_all(tx, job_statements(id)).await
}

/// In an order in which nothing refers to what is gone.
fn job_statements(id: JobId) -> Vec<Statement> {
    macro_rules! of_attempts {
        ($($table:literal),*) => {
            [$(sql!(
                concat!(
                    "DELETE FROM ", $table,
                    " WHERE attempt_id IN (SELECT id FROM attempts WHERE job_id = $1)"
                ),
                id
            )),*]
        };
    }
    macro_rules! of_job {
        ($($table:literal),*) => {
            [$(sql!(concat!("DELETE FROM ", $table, " WHERE job_id = $1"), id)),*]
        };
    }
    let mut statements = vec![
        sql!(
            "DELETE FROM approval_answers
             WHERE approval_id IN (SELECT id FROM approvals WHERE job_id = $1)",
            id
        ),
        sql!(
            "DELETE FROM question_answers
             WHERE question_id IN (SELECT id FROM questions WHERE job_id = $1)",
            id
        ),
    ];
    statements.extend(of_attempts!(
        "events",
        "log_entries",
        "sealed_logs",
        "orders",
        "parts"
    ));
    statements.extend(of_job!(
        "approvals",
        "questions",
        "artifacts",
        "attachments",
        "runner_refusals",
        "job_team",
        "notifications",
        "attempts"
    ));
    statements.push(sql!("DELETE FROM jobs WHERE id = $1", id));
    statements
}

async fn erase_workspace(tx: &mut Conn, id: WorkspaceId) -> Result<()> {
    let statements = vec![
        sql!("DELETE FROM audit WHERE workspace_id = $1", id),
        sql!("DELETE FROM notifications WHERE workspace_id = $1", id),
        sql!("DELETE FROM invitations WHERE workspace_id = $1", id),
        sql!("DELETE FROM runner_places WHERE workspace_id = $1", id),
        sql!("DELETE FROM runner_moments WHERE workspace_id = $1", id),
        sql!("DELETE FROM workspaces WHERE id = $1", id),
    ];
    run_all(tx, statements).await
}

async fn run_all(tx: &mut Conn, statements: Vec<Statement>) -> Result<()> {
    for statement in statements {
        tx.run(statement).await?;
    }
    Ok(())
}
