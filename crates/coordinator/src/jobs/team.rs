//! Who works on a job.

use protocol::{
    api::{Change, JobView, Role, TeamRole},
    error::ErrorCode,
    ids::{AccountId, JobId},
};
use store::{TeamChanged, WorkspaceKey};

use super::{find, invalid, view};
use crate::{
    app::App,
    auth::{Membership, Person},
    error::{ApiError, ApiResult},
    rights::job::JobAction,
};

/// Gives a member of the workspace a part in the job.
pub(crate) async fn put_into_team(
    app: &App,
    person: &Person,
    id: JobId,
    account_id: AccountId,
    role: TeamRole,
) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::ChangeTeam)?;
    if account_id != seen.job.created_by.id {
        check_part(app, &seen.member, account_id, role).await?;
    }
    let changed = app
        .store
        .put_into_team(id, account_id, role, person.actor(), app.now())
        .await?;
    after_change(app, person, id, changed).await
}

/// Takes somebody out of the job's team; whoever is in it may leave.
pub(crate) async fn take_out_of_team(
    app: &App,
    person: &Person,
    id: JobId,
    account_id: AccountId,
) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    let leaves = account_id == person.account.id && seen.part().is_some();
    if !leaves {
        seen.require(JobAction::ChangeTeam)?;
    }
    let changed = app
        .store
        .take_out_of_team(id, account_id, person.actor(), app.now())
        .await?;
    if changed == Some(TeamChanged::NotAMember) {
        return Err(ApiError::not_found("member of the job's team"));
    }
    after_change(app, person, id, changed).await
}

async fn after_change(
    app: &App,
    person: &Person,
    id: JobId,
    changed: Option<TeamChanged>,
) -> ApiResult<JobView> {
    match changed {
        Some(TeamChanged::Changed) => {
            let seen = find(app, person, id).await?;
            let workspace = seen.job.workspace_id;
            app.live.publish(workspace, Change::Job { job_id: id });
            // Another team may have other runners.
            app.work_changed();
            view(app, seen).await
        }
        Some(TeamChanged::Submitter) => Err(ApiError::new(
            ErrorCode::Conflict,
            "Whoever submitted the job leads it.",
        )
        .hint("Give other people a part in its team.")),
        Some(TeamChanged::NotAMember) => Err(not_a_member()),
        None => Err(ApiError::not_found("job")),
    }
}

/// Only members have a part, and a viewer of the workspace only reads.
pub(super) async fn check_part(
    app: &App,
    member: &Membership,
    account_id: AccountId,
    role: TeamRole,
) -> ApiResult<()> {
    let workspace = WorkspaceKey::Id(member.0.workspace.id);
    let other = app
        .store
        .member(&workspace, account_id)
        .await?
        .ok_or_else(not_a_member)?;
    if other.role == Role::Viewer && role != TeamRole::Viewer {
        return Err(
            invalid("A viewer of the workspace can only be a viewer of a job.")
                .hint("Ask an admin of the workspace to give them another role first."),
        );
    }
    Ok(())
}

fn not_a_member() -> ApiError {
    ApiError::not_found("member of the workspace")
        .hint("Only members can be in a job's team: invite them first.")
}
