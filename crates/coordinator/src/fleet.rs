//! Runners, as the members of a workspace see them.

mod act;
mod list;
mod own;
mod usage;
mod view;

use protocol::{
    api::{RunnerHistory, RunnerRef, RunnerTimeline, RunnerView},
    error::ErrorCode,
    ids::{AttemptId, RunnerId},
};
use store::RunnerInView;

pub(crate) use act::{disable, enable, set_sharing};
pub(crate) use list::{ListAnswer, Lists, list};
pub(crate) use own::{checked_name, list_own, pause, remove, rename, resume};
pub(crate) use usage::usage;
use view::view;

use crate::{
    app::App,
    auth::{Membership, Person},
    error::{ApiError, ApiResult},
    rights::Right,
};

/// How many attempts a page of a runner's history has when nobody says.
const HISTORY_PAGE: u32 = 50;

/// One runner, if a workspace of the person has it in view.
pub(crate) async fn find(app: &App, person: &Person, id: RunnerId) -> ApiResult<RunnerView> {
    let workspaces = app.store.common_workspaces(person.account.id, id).await?;
    let workspace = workspaces
        .into_iter()
        .find(|workspace| person.reaches(*workspace))
        .ok_or_else(nothing)?;
    let member = person.member_of(app, &workspace.to_string()).await?;
    find_in(app, &member, id).await
}

/// One runner in view of a workspace.
pub(crate) async fn find_in(app: &App, member: &Membership, id: RunnerId) -> ApiResult<RunnerView> {
    let seen = seen(app, member, id).await?;
    Ok(view(seen, member, app.now()))
}

/// A page of what a runner has worked on for a workspace, newest first.
pub(crate) async fn history(
    app: &App,
    member: &Membership,
    id: RunnerId,
    before: Option<AttemptId>,
    limit: Option<u32>,
) -> ApiResult<RunnerHistory> {
    seen(app, member, id).await?;
    let limit = limit.unwrap_or(HISTORY_PAGE);
    let workspace = member.0.workspace.id;
    Ok(app
        .store
        .runner_history(workspace, id, before, limit)
        .await?)
}

/// What happened to a runner lately, newest first.
pub(crate) async fn timeline(
    app: &App,
    member: &Membership,
    id: RunnerId,
) -> ApiResult<RunnerTimeline> {
    let seen = seen(app, member, id).await?;
    let (workspace, now) = (member.0.workspace.id, app.now());
    Ok(app
        .store
        .runner_timeline(workspace, &seen.runner, now)
        .await?)
}

/// The one runner in view that is called so, by name or short id.
pub(crate) async fn resolve(app: &App, member: &Membership, called: &str) -> ApiResult<RunnerRef> {
    member.require(Right::Read)?;
    let called = called.trim();
    let mut found = app
        .store
        .runners_called(member.0.workspace.id, called)
        .await?;
    match found.len() {
        0 => Err(ApiError::new(
            ErrorCode::NotFound,
            "No runner in this workspace has that name or short id.",
        )
        .hint("Look at the Runners page for its name or short id.")),
        1 => Ok(found.remove(0)),
        _ => {
            let ids: Vec<_> = found.into_iter().map(|runner| runner.short_id).collect();
            Err(ApiError::new(
                ErrorCode::Ambiguous,
                format!("Several runners here are called “{called}”."),
            )
            .hint(format!("Name one by its short id: {}.", ids.join(", "))))
        }
    }
}

/// A runner in view of the reader's workspace.
async fn seen(app: &App, member: &Membership, id: RunnerId) -> ApiResult<RunnerInView> {
    member.require(Right::Read)?;
    app.store
        .runner_in_view(member.0.workspace.id, id)
        .await?
        .ok_or_else(nothing)
}

fn nothing() -> ApiError {
    ApiError::not_found("runner")
}
