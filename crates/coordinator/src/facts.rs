//! What is known of runners, as the rules of routing want it.

use lifecycle::{
    holds::NamedRunner,
    routing::{JobFacts, RunnerFacts},
};
use protocol::{
    agent::AgentName,
    api::Sharing,
    ids::AccountId,
    job::{JobContext, Target},
    limits::UNREACHABLE_AFTER_MS,
    time::Timestamp,
};
use store::{Runner, RunnerInView};

/// Whether a runner has been heard of lately.
pub(crate) fn is_online(runner: &Runner, now: Timestamp) -> bool {
    runner
        .last_sync_at
        .is_some_and(|at| now.millis_since(at) < UNREACHABLE_AFTER_MS)
}

/// A runner in view of the job's workspace.
pub(crate) fn of(view: &RunnerInView, now: Timestamp) -> NamedRunner<'_> {
    let runner = &view.runner;
    let free_slots = runner.slots.free.saturating_sub(view.undelivered);
    NamedRunner {
        name: &runner.name,
        short_id: &runner.short_id,
        facts: of_runner(runner, true, is_online(runner, now), free_slots),
    }
}

/// A runner as it last described itself, with what only the caller knows.
pub(crate) fn of_runner(
    runner: &Runner,
    owner_is_member: bool,
    online: bool,
    free_slots: u32,
) -> RunnerFacts<'_> {
    RunnerFacts {
        id: runner.id,
        owner: runner.account_id,
        owner_is_member,
        sharing: Sharing::Private,
        disabled: false,
        online,
        paused: runner.paused.is_some(),
        draining: runner.draining,
        capabilities: runner.capabilities.as_ref(),
        free_slots,
        trouble: runner
            .troubles
            .first()
            .map(|trouble| trouble.message.as_str()),
    }
}

/// A job of `submitter`, whose team is themselves alone.
pub(crate) fn of_job<'a>(
    submitter: &'a AccountId,
    target: Target,
    agent: Option<&'a AgentName>,
    context: JobContext,
) -> JobFacts<'a> {
    JobFacts {
        submitter: *submitter,
        team: std::slice::from_ref(submitter),
        target,
        agent,
        context,
    }
}
