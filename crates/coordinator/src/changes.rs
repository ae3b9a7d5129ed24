//! Telling everybody who looks on what changed, after it was committed.

use protocol::{
    api::Change,
    ids::{AccountId, RunnerId},
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
    for workspace in app.store.workspace_ids_of(account_id).await? {
        app.live.publish(workspace, Change::Runner { runner_id });
    }
    Ok(())
}

/// What a person is told in the app changed.
pub(crate) async fn notifications(app: &App, account_id: AccountId) -> Result<(), store::Error> {
    for workspace in app.store.workspace_ids_of(account_id).await? {
        app.live.publish(workspace, Change::Notifications);
    }
    Ok(())
}
