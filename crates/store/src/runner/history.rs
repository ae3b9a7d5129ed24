//! What a runner has worked on.

use protocol::{
    agent::AgentName,
    api::{PastAttempt, RunnerHistory},
    ids::{AttemptId, RunnerId, WorkspaceId},
};

use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// Most attempts on one page.
const PAGE_ATTEMPTS_MAX: u32 = 200;

impl Store {
    /// A page of the attempts that a runner began for a workspace, newest first.
    pub async fn runner_history(
        &self,
        workspace_id: WorkspaceId,
        runner_id: RunnerId,
        before: Option<AttemptId>,
        limit: u32,
    ) -> Result<RunnerHistory> {
        let limit = limit.clamp(1, PAGE_ATTEMPTS_MAX);
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT t.id, t.job_id, j.number AS job_number, j.title, t.number, t.agent,
                        t.confirmed_at, t.ended_at, t.outcome
                 FROM attempts t JOIN jobs j ON j.id = t.job_id
                 WHERE t.runner_id = $1 AND t.workspace_id = $2 AND t.confirmed_at IS NOT NULL
                   AND ($3 IS NULL OR t.id < $3)
                 ORDER BY t.id DESC LIMIT $4",
                runner_id,
                workspace_id,
                before,
                limit + 1
            ))
            .await?;
        let mut attempts = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = attempts.len() > page;
        attempts.truncate(page);
        Ok(RunnerHistory {
            next: attempts
                .last()
                .filter(|_| more)
                .map(|attempt| attempt.attempt_id),
            attempts,
        })
    }
}

fn read(row: &Row) -> Result<PastAttempt> {
    Ok(PastAttempt {
        attempt_id: row.parsed("id")?,
        job_id: row.parsed("job_id")?,
        job_number: row.count("job_number")?,
        job_title: row.text("title")?,
        attempt_number: row.small_option("number")?.unwrap_or_default(),
        agent: row.text_option("agent")?.map(AgentName),
        started_at: row.time("confirmed_at")?,
        ended_at: row.time_option("ended_at")?,
        outcome: row.word_option("outcome")?,
    })
}
