//! Which runner may take which job: one function, asked by scheduler, previews and holds.
//!
//! Not here: which of several eligible runners gets it (the first that has an
//! open sync), and what a person is told when none can (`holds`).

use protocol::{
    agent::{AgentName, Capabilities},
    api::Sharing,
    ids::{AccountId, RunnerId},
    job::{JobContext, Refusal, Target},
};

/// What of a job decides about its runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobFacts<'a> {
    /// Whose job it is.
    pub submitter: AccountId,
    /// Accounts in the job's team, the submitter among them.
    pub team: &'a [AccountId],
    /// Who may take it.
    pub target: Target,
    /// The agent that it asks for; none when any will do.
    pub agent: Option<&'a AgentName>,
    /// What it works on.
    pub context: JobContext,
}

/// What of a runner decides about the jobs of one workspace.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and every combination occurs"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerFacts<'a> {
    /// Which.
    pub id: RunnerId,
    /// Whose it is.
    pub owner: AccountId,
    /// Whether its owner is a member of the job's workspace.
    pub owner_is_member: bool,
    /// Who may use it there.
    pub sharing: Sharing,
    /// Whether it is disabled there.
    pub disabled: bool,
    /// Whether it has been heard of lately.
    pub online: bool,
    /// Whether its owner has paused it.
    pub paused: bool,
    /// Whether it finishes what it has and then stops.
    pub draining: bool,
    /// What it can do, once it has said so.
    pub capabilities: Option<&'a Capabilities>,
    /// Free slots, with everything undelivered counted against them.
    pub free_slots: u32,
    /// What is wrong with it, in its own words; the first one is shown.
    pub trouble: Option<&'a str>,
}

/// Why `runner` cannot take `job` now; `Ok` when it can.
///
/// The reason that lasts longest comes first: a person can do nothing about a
/// busy slot of a runner that is not theirs to use.
pub fn why_not(job: &JobFacts<'_>, runner: &RunnerFacts<'_>) -> Result<(), Refusal> {
    in_target(job, runner)?;
    if runner.disabled {
        return Err(Refusal::Disabled);
    }
    if !runner.online {
        return Err(Refusal::Offline);
    }
    if runner.draining {
        return Err(Refusal::Draining);
    }
    if runner.paused {
        return Err(Refusal::Paused);
    }
    match job.context {
        // Every runner has a folder to give.
        JobContext::Local => {}
    }
    if runner
        .capabilities
        .and_then(|able| able.agent_for(job.agent))
        .is_none()
    {
        return Err(Refusal::AgentUnavailable {
            agent: job.agent.cloned(),
        });
    }
    if let Some(message) = runner.trouble {
        return Err(Refusal::Unhealthy {
            message: message.to_owned(),
        });
    }
    if runner.free_slots == 0 {
        return Err(Refusal::NoFreeSlot);
    }
    Ok(())
}

/// Whether the job's target includes the runner, whatever its condition.
pub fn in_target(job: &JobFacts<'_>, runner: &RunnerFacts<'_>) -> Result<(), Refusal> {
    if !runner.owner_is_member {
        return Err(Refusal::NotTheTarget);
    }
    let own = runner.owner == job.submitter;
    let shared = runner.sharing == Sharing::Shared;
    match job.target {
        Target::My => own.then_some(()).ok_or(Refusal::NotTheTarget),
        Target::Team if !job.team.contains(&runner.owner) => Err(Refusal::NotTheTarget),
        Target::Team => shared.then_some(()).ok_or(Refusal::NotShared),
        Target::Runner { runner_id } if runner_id != runner.id => Err(Refusal::NotTheTarget),
        Target::Any | Target::Runner { .. } => {
            (own || shared).then_some(()).ok_or(Refusal::NotShared)
        }
    }
}

#[cfg(test)]
mod tests;
