//! Which runners could take a job, and why the others could not.

use lifecycle::routing::{JobFacts, why_not};
use protocol::{
    api::{TargetPreview, TargetPreviewRequest},
    ids::{AccountId, JobId, WorkspaceId},
    job::{JobContext, RunnerRefusal},
};

use store::RecentRefusal;

use super::{find, texts::check_agent};
use crate::{
    app::App,
    auth::{Membership, Person},
    error::ApiResult,
    facts,
    rights::{Right, job::JobAction},
};

/// For a job that the member has not submitted yet.
pub(crate) async fn preview(
    app: &App,
    person: &Person,
    member: &Membership,
    request: &TargetPreviewRequest,
) -> ApiResult<TargetPreview> {
    member.require(Right::Read)?;
    if let Some(agent) = &request.agent {
        check_agent(agent)?;
    }
    let mut team: Vec<AccountId> = request.team.iter().map(|part| part.account_id).collect();
    team.push(person.account.id);
    let job = JobFacts {
        submitter: person.account.id,
        submitter_email: &person.account.email,
        team: &team,
        target: request.target,
        agent: request.agent.as_ref(),
        context: JobContext::Local,
    };
    sorted_out(app, member.0.workspace.id, &job, &[]).await
}

/// For a job that is there.
pub(crate) async fn runners(app: &App, person: &Person, id: JobId) -> ApiResult<TargetPreview> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Read)?;
    let team = seen.team_accounts();
    let job = facts::of_job(&seen.job, &team);
    let refusals = app.store.refusals_of(id, app.now()).await?;
    sorted_out(app, seen.job.workspace_id, &job, &refusals).await
}

async fn sorted_out(
    app: &App,
    workspace: WorkspaceId,
    job: &JobFacts<'_>,
    refusals: &[RecentRefusal],
) -> ApiResult<TargetPreview> {
    let in_view = app.store.runners_in_view(workspace).await?;
    let now = app.now();
    let mut preview = TargetPreview {
        can_take: Vec::new(),
        cannot_take: Vec::new(),
    };
    for runner in &in_view {
        let runner = facts::of_refusing(runner, refusals, now);
        match why_not(job, &runner.facts) {
            Ok(()) => preview.can_take.push(runner.named()),
            Err(refusal) => preview.cannot_take.push(RunnerRefusal {
                runner_id: runner.facts.id,
                name: runner.name.to_owned(),
                refusal,
            }),
        }
    }
    Ok(preview)
}
