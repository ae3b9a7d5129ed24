//! Telling everybody who looks on what changed, after it was committed.

use protocol::{
    api::Change,
    ids::{AccountId, RunnerId, WorkspaceId},
};
use store::AttemptRef;

use crate::{app::App, error::ApiResult};

/// An attempt moved on: its job's page and its runner's row show something else.
pub(crate) fn attempt(app: &App, at: AttemptRef) {
    app.live
        .publish(at.workspace_id, Change::Job { job_id: at.job_id });
    let runner_id = at.runner_id;
    app.live
        .publish(at.workspace_id, Change::Runner { runner_id });
}

/// Events of an attempt arrived.
pub(crate) fn events(app: &App, at: AttemptRef) {
    app.live
        .publish(at.workspace_id, Change::Job { job_id: at.job_id });
}

/// The log of an attempt grew.
pub(crate) fn log(app: &App, at: AttemptRef, last: u64) {
    app.live.publish(
        at.workspace_id,
        Change::Log {
            job_id: at.job_id,
            attempt_id: at.attempt_id,
            last,
        },
    );
}

/// A runner describes itself otherwise: every workspace that has it in view hears.
pub(crate) async fn runner(app: &App, account_id: AccountId, runner_id: RunnerId) -> ApiResult<()> {
    Ok(runner_moved(app, account_id, runner_id).await?)
}

/// The same, for those who look by themselves.
pub(crate) async fn runner_moved(
    app: &App,
    account_id: AccountId,
    runner_id: RunnerId,
) -> Result<(), store::Error> {
    for workspace in app.store.workspace_ids_of(account_id).await? {
        app.live.publish(workspace, Change::Runner { runner_id });
    }
    Ok(())
}

/// What a person is told in the app changed; nobody else hears of it.
pub(crate) fn notifications(app: &App, account_id: AccountId) {
    app.live.notify(account_id);
}

/// A person changed something of a runner, and looks at it next.
pub(crate) async fn runner_by_person(
    app: &App,
    account_id: AccountId,
    runner_id: RunnerId,
) -> ApiResult<()> {
    for workspace in app.store.workspace_ids_of(account_id).await? {
        runner_here(app, workspace, runner_id);
    }
    Ok(())
}

/// The same, where it concerns one workspace alone.
pub(crate) fn runner_here(app: &App, workspace: WorkspaceId, runner_id: RunnerId) {
    app.live.demand(workspace);
    app.live.publish(workspace, Change::Runner { runner_id });
}
