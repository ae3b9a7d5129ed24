//! Changing a job before somebody works on it.

use lifecycle::job::{Edit, may_edit};
use protocol::{
    agent::AgentName,
    ids::JobId,
    job::{JobState, Priority, Target},
    time::Timestamp,
};

use super::{Job, audit, lane::Lane, read_job};
use crate::{
    Actor, Result, Store,
    engine::{Conn, Value, sql, sql_for_update},
};

/// What is to change; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobChange {
    /// One line.
    pub title: Option<String>,
    /// What is to be done.
    pub instructions: Option<String>,
    /// Who may take it.
    pub target: Option<Target>,
    /// The agent that it asks for; none within when any will do.
    pub agent: Option<Option<AgentName>>,
    /// The model that it asks for; none within for the agent's own choice.
    pub model: Option<Option<String>>,
    /// Arguments for the agent's program.
    pub extra_arguments: Option<Vec<String>>,
    /// How soon it is taken.
    pub priority: Option<Priority>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobChanged {
    /// The job as it is now.
    Changed(Box<Job>),
    /// Its state does not allow this.
    WrongState {
        /// What was to be changed.
        edit: Edit,
        /// Where it stands.
        state: JobState,
    },
}

impl JobChange {
    fn edits(&self) -> impl Iterator<Item = Edit> {
        let text = self.title.is_some() || self.instructions.is_some();
        let routing = self.target.is_some()
            || self.agent.is_some()
            || self.model.is_some()
            || self.extra_arguments.is_some()
            || self.priority.is_some();
        let text = text.then_some(Edit::Text);
        text.into_iter().chain(routing.then_some(Edit::Routing))
    }
}

impl Store {
    /// Changes a job that nobody works on; none when there is no such job.
    pub async fn update_job(
        &self,
        id: JobId,
        change: JobChange,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<JobChanged>> {
        self.write((id, change, by, now), |tx, (id, change, by, now)| {
            Box::pin(update(tx, *id, change, by, *now))
        })
        .await
    }
}

async fn update(
    tx: &mut Conn,
    id: JobId,
    change: &JobChange,
    by: &Actor,
    now: Timestamp,
) -> Result<Option<JobChanged>> {
    tx.one(sql_for_update!("SELECT id FROM jobs WHERE id = $1", id))
        .await?;
    let Some(before) = read_job(tx, id).await? else {
        return Ok(None);
    };
    let state = before.state;
    if let Some(edit) = change.edits().find(|edit| !may_edit(state, *edit)) {
        return Ok(Some(JobChanged::WrongState { edit, state }));
    }
    let after = Job {
        title: change.title.clone().unwrap_or_else(|| before.title.clone()),
        instructions: change
            .instructions
            .clone()
            .unwrap_or_else(|| before.instructions.clone()),
        target: change.target.unwrap_or(before.target),
        agent: change.agent.clone().unwrap_or_else(|| before.agent.clone()),
        model: change.model.clone().unwrap_or_else(|| before.model.clone()),
        extra_arguments: change
            .extra_arguments
            .clone()
            .unwrap_or_else(|| before.extra_arguments.clone()),
        priority: change.priority.unwrap_or(before.priority),
        ..before.clone()
    };
    tx.run(sql!(
        "UPDATE jobs SET title = $2, instructions = $3, target = $4, agent = $5, priority = $6,
             lane = $7, updated_at = $8, model = $9, extra_arguments = $10
         WHERE id = $1",
        id,
        &after.title,
        &after.instructions,
        Value::json(&after.target),
        after.agent.as_ref(),
        after.priority,
        lane_of(&after).word(),
        now,
        after.model.as_deref(),
        Value::json(&after.extra_arguments)
    ))
    .await?;
    audit::changed(tx, &before, &after, by, now).await?;
    let job = read_job(tx, id).await?;
    Ok(job.map(|job| JobChanged::Changed(Box::new(job))))
}

fn lane_of(job: &Job) -> Lane<'_> {
    Lane {
        id: job.id,
        workspace_id: job.workspace_id,
        created_by: job.created_by.id,
        priority: job.priority,
        context: job.context,
        target: job.target,
        agent: job.agent.as_ref(),
    }
}
