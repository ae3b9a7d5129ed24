//! Lines of the audit log about jobs.

use protocol::{
    agent::AgentName,
    api::TeamRole,
    ids::{AccountId, JobId},
    job::{Priority, Target},
    time::Timestamp,
};

use super::{Job, read_job};
use crate::{
    Actor, Audit, Result, Subject, audit,
    engine::{Conn, sql},
};

/// A line about a job.
pub(super) fn line(job: &Job, by: &Actor, action: &'static str) -> Audit {
    let subject = Subject::new("job", job.id, format!("#{} {}", job.number, job.title));
    Audit::in_workspace(job.workspace_id, by.clone(), action, subject)
}

/// Somebody called the job off.
pub(crate) async fn cancelled(tx: &mut Conn, id: JobId, by: &Actor, now: Timestamp) -> Result<()> {
    if let Some(job) = read_job(tx, id).await? {
        audit::write(tx, &line(&job, by, "job.cancelled"), now).await?;
    }
    Ok(())
}

/// Somebody changed what others of its workspace see of the job; nothing when it is as before.
pub(super) async fn changed(
    tx: &mut Conn,
    before: &Job,
    after: &Job,
    by: &Actor,
    now: Timestamp,
) -> Result<()> {
    let details = differences(before, after);
    if details.is_empty() {
        return Ok(());
    }
    let line = details
        .into_iter()
        .fold(line(after, by, "job.changed"), |line, (name, value)| {
            line.detail(name, value)
        });
    audit::write(tx, &line, now).await
}

/// Somebody has another part in the job, or none any more.
pub(super) async fn team_changed(
    tx: &mut Conn,
    id: JobId,
    whose: AccountId,
    role: Option<TeamRole>,
    by: &Actor,
    now: Timestamp,
) -> Result<()> {
    let Some(job) = read_job(tx, id).await? else {
        return Ok(());
    };
    let person = tx
        .one(sql!("SELECT email FROM accounts WHERE id = $1", whose))
        .await?
        .map(|row| row.text("email"))
        .transpose()?
        .unwrap_or_default();
    let line = match role {
        Some(role) => line(&job, by, "job.team_changed")
            .detail("person", person)
            .detail("role", word(role)),
        None => line(&job, by, "job.team_left").detail("person", person),
    };
    audit::write(tx, &line, now).await
}

fn differences(before: &Job, after: &Job) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if before.title != after.title {
        found.push(("title_before", before.title.clone()));
    }
    if before.instructions != after.instructions {
        found.push(("instructions", "changed".to_owned()));
    }
    if before.target != after.target {
        let (from, to) = (target(before.target), target(after.target));
        found.push(("target", format!("{from} → {to}")));
    }
    if before.agent != after.agent {
        let (from, to) = (agent(before.agent.as_ref()), agent(after.agent.as_ref()));
        found.push(("agent", format!("{from} → {to}")));
    }
    if before.priority != after.priority {
        let (from, to) = (priority(before.priority), priority(after.priority));
        found.push(("priority", format!("{from} → {to}")));
    }
    found
}

fn target(target: Target) -> String {
    match target {
        Target::My => "My Runners".to_owned(),
        Target::Team => "Team Runners".to_owned(),
        Target::Any => "Any Runner".to_owned(),
        Target::Runner { runner_id } => format!("runner {runner_id}"),
    }
}

fn agent(agent: Option<&AgentName>) -> &str {
    agent.map_or("any", AgentName::as_str)
}

const fn word(role: TeamRole) -> &'static str {
    match role {
        TeamRole::Lead => "lead",
        TeamRole::Editor => "editor",
        TeamRole::Viewer => "viewer",
    }
}

const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Normal => "normal",
        Priority::High => "high",
        Priority::Urgent => "urgent",
    }
}
