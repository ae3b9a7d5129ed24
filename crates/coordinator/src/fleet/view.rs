//! A runner in words that go out, with what its reader may do with it.

use lifecycle::unanswered;
use protocol::{
    api::{Activity, RunnerState, RunnerView, Sharing},
    ids::AccountId,
    runner::Trouble,
    time::Timestamp,
};
use store::{Runner, RunnerInView};

use crate::{
    auth::Membership,
    facts,
    rights::runner::{Condition, Relation, options},
};

/// The runner, whole, for one reader.
pub(super) fn view(seen: RunnerInView, reader: &Membership, now: Timestamp) -> RunnerView {
    let mut view = without_options(seen, now);
    let relation = relation(&view, reader.0.account_id);
    view.options = options(relation, reader.0.role, condition(&view));
    view
}

/// The runner as everybody in the workspace sees it.
pub(super) fn without_options(seen: RunnerInView, now: Timestamp) -> RunnerView {
    let runner = seen.runner;
    let state = state(&runner, now);
    // Work in another workspace shows as being busy, but not what it is.
    let mut troubles = runner.troubles;
    if runner.unanswered.rests(now) {
        troubles.push(Trouble {
            code: unanswered::CODE.to_owned(),
            message: unanswered::MESSAGE.to_owned(),
        });
    }
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
        pause_wish: runner.pause_wish,
        draining: runner.draining,
        slots: runner.slots,
        capabilities: runner.capabilities,
        troubles,
        current_jobs: seen.current_jobs,
        lifetime_attempts: runner.lifetime_attempts,
        last_heartbeat_at: runner.last_sync_at,
        registered_at: runner.registered_at,
    }
}

/// Whether a runner is heard of.
pub(super) fn state(runner: &Runner, now: Timestamp) -> RunnerState {
    match runner.last_sync_at {
        None => RunnerState::NeverConnected,
        Some(_) if facts::is_online(runner, now) => RunnerState::Online,
        Some(_) => RunnerState::Offline,
    }
}

/// What the runner is to `account`.
pub(super) fn relation(view: &RunnerView, account: AccountId) -> Relation {
    if view.owner.id == account {
        Relation::Own
    } else {
        Relation::OfOthers
    }
}

/// How the runner stands; a wish that it has not heard yet counts as carried out.
pub(super) fn condition(view: &RunnerView) -> Condition {
    let wished = view.pause_wish.as_ref().map(|wish| wish.pause.is_some());
    Condition {
        shared: view.sharing == Sharing::Shared,
        disabled: view.disabled.is_some(),
        paused: wished.unwrap_or(view.paused.is_some()),
    }
}
