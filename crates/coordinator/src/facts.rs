//! What is known of runners, as the rules of routing want it.

use lifecycle::{
    holds::NamedRunner,
    routing::{JobFacts, RunnerFacts},
};
use protocol::{ids::AccountId, limits::UNREACHABLE_AFTER_MS, time::Timestamp};
use store::{Job, Place, QueuedJob, RecentRefusal, Runner, RunnerInView};

/// Whether a runner has been heard of lately.
pub(crate) fn is_online(runner: &Runner, now: Timestamp) -> bool {
    runner
        .last_sync_at
        .is_some_and(|at| now.millis_since(at) < UNREACHABLE_AFTER_MS)
}

/// A runner in view of the job's workspace.
pub(crate) fn of(view: &RunnerInView, now: Timestamp) -> NamedRunner<'_> {
    let runner = &view.runner;
    let local = Local {
        place: Some(Place {
            sharing: view.sharing,
            disabled: view.disabled.is_some(),
        }),
        others_under_way: view.others_under_way,
        online: is_online(runner, now),
        free_slots: runner.slots.free.saturating_sub(view.undelivered),
        now,
    };
    NamedRunner {
        name: &runner.name,
        short_id: &runner.short_id,
        facts: of_runner(runner, &local),
    }
}

/// The same, for a job of which runners have refused some attempts lately.
pub(crate) fn of_refusing<'a>(
    view: &'a RunnerInView,
    refusals: &'a [RecentRefusal],
    now: Timestamp,
) -> NamedRunner<'a> {
    let id = view.runner.id;
    let refusal = refusals.iter().find(|refusal| refusal.runner_id == id);
    let mut named = of(view, now);
    named.facts.refused = refusal.map(|refusal| &refusal.refusal);
    named
}

/// What of a runner its own row does not say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local {
    /// Its place in the job's workspace; none when its owner is not a member there.
    pub(crate) place: Option<Place>,
    /// Jobs of others than its owner that it works on.
    pub(crate) others_under_way: u32,
    /// Whether it has been heard of lately.
    pub(crate) online: bool,
    /// Free slots, with everything undelivered counted against them.
    pub(crate) free_slots: u32,
    /// The moment of which all this is said.
    pub(crate) now: Timestamp,
}

/// A runner as it last described itself, with what only the caller knows.
pub(crate) fn of_runner<'a>(runner: &'a Runner, local: &Local) -> RunnerFacts<'a> {
    RunnerFacts {
        id: runner.id,
        owner: runner.account_id,
        owner_is_member: local.place.is_some(),
        sharing: local.place.map(|place| place.sharing).unwrap_or_default(),
        disabled: local.place.is_some_and(|place| place.disabled),
        shared_use: runner.shared_use.as_ref(),
        others_under_way: local.others_under_way,
        online: local.online,
        paused: runner.paused.is_some(),
        draining: runner.draining,
        capabilities: runner.capabilities.as_ref(),
        free_slots: local.free_slots,
        trouble: runner.trouble(local.now),
        refused: None,
    }
}

/// A job in the queue.
pub(crate) fn of_queued(job: &QueuedJob) -> JobFacts<'_> {
    JobFacts {
        submitter: job.created_by,
        submitter_email: &job.submitter_email,
        team: &job.team,
        target: job.target,
        agent: job.agent.as_ref(),
        context: job.context,
    }
}

/// A job with its team.
pub(crate) fn of_job<'a>(job: &'a Job, team: &'a [AccountId]) -> JobFacts<'a> {
    JobFacts {
        submitter: job.created_by.id,
        submitter_email: &job.created_by.email,
        team,
        target: job.target,
        agent: job.agent.as_ref(),
        context: job.context,
    }
}
