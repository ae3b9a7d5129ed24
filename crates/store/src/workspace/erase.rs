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
    Result, Store,
    engine::{Conn, Statement, sql},
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
    /// Jobs of deleted workspaces of which nothing is under way any more.
    pub async fn erasable_jobs(&self, limit: u32) -> Result<Vec<ErasableJob>> {
        let mut conn = self.snapshot().await?;
        let rows = conn
            .all(sql!(
                "SELECT j.id FROM jobs j JOIN workspaces w ON w.id = j.workspace_id
                 WHERE w.deleted_at IS NOT NULL AND j.state IN ('done', 'failed', 'cancelled')
                   AND NOT EXISTS (SELECT 1 FROM attempts t
                                   WHERE t.job_id = j.id AND t.stage IN ('assigned', 'held'))
                 ORDER BY j.id LIMIT $1",
                limit
            ))
            .await?;
        let mut jobs = Vec::with_capacity(rows.len());
        for row in rows {
            let job_id: JobId = row.parsed("id")?;
            let attempts = conn
                .all(sql!("SELECT id FROM attempts WHERE job_id = $1", job_id))
                .await?;
            jobs.push(ErasableJob {
                job_id,
                attempts: attempts
                    .iter()
                    .map(|row| row.parsed("id"))
                    .collect::<Result<_>>()?,
            });
        }
        conn.end_snapshot().await?;
        Ok(jobs)
    }

    /// Erases a job of a deleted workspace, whose files are gone.
    pub async fn erase_job(&self, job_id: JobId) -> Result<()> {
        self.write(job_id, |tx, job_id| Box::pin(erase_job(tx, *job_id)))
            .await
    }

    /// Erases deleted workspaces that have no job left; says how many.
    pub async fn erase_deleted(&self, now: Timestamp) -> Result<u64> {
        self.write(now, |tx, _| {
            Box::pin(async move {
                let rows = tx
                    .all(sql!(
                        "SELECT id FROM workspaces w WHERE deleted_at IS NOT NULL
                           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.workspace_id = w.id)"
                    ))
                    .await?;
                for row in &rows {
                    erase_workspace(tx, row.parsed("id")?).await?;
                }
                Ok(rows.len() as u64)
            })
        })
        .await
    }
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
    statements.extend(of_attempts!("events", "log_entries", "orders", "parts"));
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
