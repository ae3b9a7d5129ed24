//! What a runner is handed.

use std::collections::HashMap;

use protocol::{
    agent::AgentName,
    api::PersonRef,
    ids::{JobId, RunnerId},
    job::{EarlierAttempt, Outcome},
    limits::EARLIER_ATTEMPTS_MAX,
    runner::{Assignment, Input},
    time::Timestamp,
};

use crate::{
    Result, Store,
    engine::{Conn, Row, sql},
};

impl Store {
    /// Assignments that no sync of the runner has listed yet and that still stand at `now`.
    ///
    /// Their `url` is the path of the job's page; the caller puts the address before it.
    pub async fn undelivered_assignments(
        &self,
        runner_id: RunnerId,
        now: Timestamp,
    ) -> Result<Vec<Assignment>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT t.id AS attempt_id, t.fence, t.number AS attempt_number,
                        j.id AS job_id, j.number AS job_number, j.title, j.instructions,
                        j.context, j.agent, j.model, j.extra_arguments,
                        w.id AS workspace_id, w.slug, w.house_rules,
                        a.id AS submitter_id, a.name AS submitter_name, a.email AS submitter_email,
                        j.created_by <> r.account_id AS shared,
                        EXISTS (SELECT 1 FROM attachments f WHERE f.job_id = j.id) AS has_inputs
                 FROM attempts t
                 JOIN jobs j ON j.id = t.job_id
                 JOIN accounts a ON a.id = j.created_by
                 JOIN runners r ON r.id = t.runner_id
                 JOIN workspaces w ON w.id = t.workspace_id
                 WHERE t.runner_id = $1 AND t.stage = 'assigned' AND t.accept_by >= $2
                 ORDER BY t.id",
                runner_id,
                now
            ))
            .await?;
        let mut inputs = if any_has_inputs(&rows)? {
            inputs(&mut conn, runner_id).await?
        } else {
            Inputs::new()
        };
        let mut assignments = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut assignment = read(row, &mut inputs)?;
            if assignment.attempt_number > 1 {
                assignment.earlier = earlier(&mut conn, &assignment).await?;
            }
            assignments.push(assignment);
        }
        Ok(assignments)
    }
}

/// The last attempts at the same job that came before and are over, oldest first.
async fn earlier(conn: &mut Conn, next: &Assignment) -> Result<Vec<EarlierAttempt>> {
    let rows = conn
        .all(sql!(
            "SELECT id, number, outcome, agent, outcome_detail, feedback FROM attempts
             WHERE job_id = $1 AND fence < $2 AND stage = 'ended' AND number IS NOT NULL
             ORDER BY fence DESC LIMIT $3",
            next.job_id,
            next.fence,
            u32::try_from(EARLIER_ATTEMPTS_MAX).unwrap_or(u32::MAX)
        ))
        .await?;
    rows.iter()
        .rev()
        .map(|row| {
            let detail: Option<Outcome> = row.json_option("outcome_detail")?;
            let (failure, summary) =
                detail.map_or((None, None), |detail| (detail.failure, detail.summary));
            Ok(EarlierAttempt {
                attempt_id: row.parsed("id")?,
                number: row.small("number")?,
                outcome: row.word("outcome")?,
                agent: row.text_option("agent")?.map(AgentName),
                failure: failure.map(|failure| failure.message),
                summary,
                feedback: row.text_option("feedback")?,
            })
        })
        .collect()
}

type Inputs = HashMap<JobId, Vec<Input>>;

fn read(row: &Row, inputs: &mut Inputs) -> Result<Assignment> {
    let job_id = row.parsed("job_id")?;
    let job_number = row.count("job_number")?;
    let workspace = row.text("slug")?;
    Ok(Assignment {
        attempt_id: row.parsed("attempt_id")?,
        fence: row.count("fence")?,
        job_id,
        workspace_id: row.parsed("workspace_id")?,
        url: format!("/w/{workspace}/jobs/{job_number}"),
        workspace,
        job_number,
        attempt_number: row.small("attempt_number")?,
        title: row.text("title")?,
        instructions: row.text("instructions")?,
        context: row.json("context")?,
        agent: row.text_option("agent")?.map(AgentName),
        inputs: inputs.remove(&job_id).unwrap_or_default(),
        submitter: Some(PersonRef {
            id: row.parsed("submitter_id")?,
            name: row.text("submitter_name")?,
            email: row.text("submitter_email")?,
        }),
        shared: row.flag("shared")?,
        model: row.text_option("model")?,
        extra_arguments: row.json_option("extra_arguments")?.unwrap_or_default(),
        house_rules: row.text_option("house_rules")?,
        earlier: Vec::new(),
    })
}

fn any_has_inputs(rows: &[Row]) -> Result<bool> {
    for row in rows {
        if row.flag("has_inputs")? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn inputs(conn: &mut Conn, runner_id: RunnerId) -> Result<Inputs> {
    let rows = conn
        .all(sql!(
            "SELECT f.job_id, f.name, f.size, f.sha256
             FROM attempts t JOIN attachments f ON f.job_id = t.job_id
             WHERE t.runner_id = $1 AND t.stage = 'assigned'
             ORDER BY f.name",
            runner_id
        ))
        .await?;
    let mut inputs = Inputs::new();
    for row in rows {
        inputs
            .entry(row.parsed("job_id")?)
            .or_default()
            .push(Input {
                name: row.text("name")?,
                size: row.count("size")?,
                sha256: row.text("sha256")?,
            });
    }
    Ok(inputs)
}
