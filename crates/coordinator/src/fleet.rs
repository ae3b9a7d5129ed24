//! Runners, as the members of a workspace see them.

use protocol::{
    api::{Activity, RunnerState, RunnerView},
    ids::RunnerId,
    time::Timestamp,
};
use store::RunnerInView;

use crate::{
    app::App,
    auth::{Membership, Person},
    error::{ApiError, ApiResult},
    facts,
    rights::Right,
};

/// The runners in view of a workspace, by name.
pub(crate) async fn list(app: &App, member: &Membership) -> ApiResult<Vec<RunnerView>> {
    member.require(Right::Read)?;
    let runners = app.store.runners_in_view(member.0.workspace.id).await?;
    let now = app.now();
    Ok(runners
        .into_iter()
        .map(|runner| view(runner, now))
        .collect())
}

/// One runner, if a workspace of the person has it in view.
pub(crate) async fn find(app: &App, person: &Person, id: RunnerId) -> ApiResult<RunnerView> {
    let nothing = || ApiError::not_found("runner");
    let workspace = app
        .store
        .shared_workspace(person.account.id, id)
        .await?
        .ok_or_else(nothing)?;
    let member = person.member_of(app, &workspace.to_string()).await?;
    member.require(Right::Read)?;
    let runner = app.store.runner_in_view(workspace, id).await?;
    Ok(view(runner.ok_or_else(nothing)?, app.now()))
}

fn view(seen: RunnerInView, now: Timestamp) -> RunnerView {
    let runner = seen.runner;
    let state = match runner.last_sync_at {
        None => RunnerState::NeverConnected,
        Some(_) if facts::is_online(&runner, now) => RunnerState::Online,
        Some(_) => RunnerState::Offline,
    };
    // Work in another workspace shows as being busy, but not what it is.
    let busy = !seen.current_jobs.is_empty() || runner.slots.free < runner.slots.total;
    RunnerView {
        id: runner.id,
        short_id: runner.short_id,
        name: runner.name,
        owner: seen.owner,
        state,
        activity: if busy {
            Activity::Active
        } else {
            Activity::Idle
        },
        sharing: seen.sharing,
        disabled: seen.disabled,
        shared_use: runner.shared_use,
        options: Vec::new(),
        paused: runner.paused,
        draining: runner.draining,
        slots: runner.slots,
        capabilities: runner.capabilities,
        troubles: runner.troubles,
        current_jobs: seen.current_jobs,
        lifetime_attempts: runner.lifetime_attempts,
        last_heartbeat_at: runner.last_sync_at,
        registered_at: runner.registered_at,
    }
}
