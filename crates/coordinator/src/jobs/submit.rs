//! Submitting a job.

use std::collections::HashSet;

use protocol::api::{JobView, NewJob, TeamChange, TeamRole};

use super::{
    SeenJob, changed, check_target, invalid,
    team::check_part,
    texts::{
        check_agent, check_deadline, check_instructions, check_options, check_title, model_of,
    },
    view,
};
use crate::{
    app::App,
    auth::{Membership, Person},
    error::ApiResult,
    rights::Right,
};

/// Submits a job to the workspace.
pub(crate) async fn submit(
    app: &App,
    person: &Person,
    member: &Membership,
    new: NewJob,
) -> ApiResult<JobView> {
    member.require(Right::SubmitJobs)?;
    let title = new.title.trim();
    check_title(title)?;
    check_instructions(&new.instructions)?;
    if let Some(agent) = &new.agent {
        check_agent(agent)?;
    }
    let default_s = app.config.jobs.deadline_s(&member.0.workspace.slug);
    let deadline_s = new.deadline_s.unwrap_or(default_s);
    check_deadline(deadline_s)?;
    check_options(new.model.as_deref(), &new.extra_arguments)?;
    check_target(app, member, new.target).await?;
    check_team(app, member, &new.team).await?;
    let team = new.team.iter().map(|part| (part.account_id, part.role));
    let row = store::NewJob {
        workspace_id: member.0.workspace.id,
        created_by: member.0.account_id,
        title: title.to_owned(),
        instructions: new.instructions,
        context: new.context,
        target: new.target,
        agent: new.agent,
        model: model_of(new.model),
        extra_arguments: new.extra_arguments,
        priority: new.priority,
        deadline_ms: Some(deadline_s * 1_000),
        team: team.collect(),
        ready: new.ready,
    };
    let job = app.store.create_job(row, person.actor(), app.now()).await?;
    changed(app, &job);
    view(app, SeenJob::new(app, job, member.clone()).await?).await
}

/// Everybody is a member, named once, and leads when it is the submitter.
async fn check_team(app: &App, member: &Membership, team: &[TeamChange]) -> ApiResult<()> {
    let mut named = HashSet::new();
    for part in team {
        if !named.insert(part.account_id) {
            return Err(invalid("Somebody is in the team twice.").hint("Name everybody once."));
        }
        let submits = part.account_id == member.0.account_id;
        if submits && part.role != TeamRole::Lead {
            return Err(invalid("Whoever submits a job leads it.").hint("Leave yourself out."));
        }
        if !submits {
            check_part(app, member, part.account_id, part.role).await?;
        }
    }
    Ok(())
}
