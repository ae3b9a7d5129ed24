//! Which runner may take which job: one function, asked by scheduler, previews and holds.
//!
//! Not here: which of several eligible runners gets it (the first that has an
//! open sync), and what a person is told when none can (`holds`).

use protocol::{
    agent::{AgentName, Capabilities},
    api::Sharing,
    ids::{AccountId, RunnerId},
    job::{JobContext, Refusal, SharedUseLimit, Target},
    runner::SharedUse,
};

use crate::consent::{self, SharedJob};

/// What of a job decides about its runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobFacts<'a> {
    /// Whose job it is.
    pub submitter: AccountId,
    /// The submitter's e-mail address.
    pub submitter_email: &'a str,
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
    /// What its owner allows others to do with it; nothing when it has not said.
    pub shared_use: Option<&'a SharedUse>,
    /// Jobs of others than its owner that it works on, over all workspaces.
    pub others_under_way: u32,
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
    /// Why it did not take this very job a short while ago.
    pub refused: Option<&'a Refusal>,
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
    let shared = shared_use(job, runner)?;
    if let Some((allowed, shared_job)) = &shared {
        consent::lasting(allowed, shared_job).map_err(not_consented)?;
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
    has_agent(job, runner, shared.map(|(allowed, _)| allowed))?;
    if let Some((allowed, shared_job)) = &shared {
        consent::passing(allowed, shared_job).map_err(not_consented)?;
    }
    if let Some(refusal) = runner.refused {
        return Err(refusal.clone());
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

/// What the runner's owner allows, where the job is somebody else's.
fn shared_use<'a>(
    job: &JobFacts<'a>,
    runner: &RunnerFacts<'a>,
) -> Result<Option<(&'a SharedUse, SharedJob<'a>)>, Refusal> {
    if runner.owner == job.submitter {
        return Ok(None);
    }
    let allowed = runner
        .shared_use
        .ok_or_else(|| not_consented(SharedUseLimit::Off))?;
    let shared_job = SharedJob {
        submitter_email: job.submitter_email,
        agent: job.agent,
        others_under_way: runner.others_under_way,
    };
    Ok(Some((allowed, shared_job)))
}

const fn not_consented(to: SharedUseLimit) -> Refusal {
    Refusal::NotConsented { to }
}

/// Whether the runner has an agent for the job, one that others may use where it is theirs.
fn has_agent(
    job: &JobFacts<'_>,
    runner: &RunnerFacts<'_>,
    shared: Option<&SharedUse>,
) -> Result<(), Refusal> {
    let unavailable = || Refusal::AgentUnavailable {
        agent: job.agent.cloned(),
    };
    let able = runner.capabilities.ok_or_else(unavailable)?;
    able.agent_for(job.agent).ok_or_else(unavailable)?;
    let Some(allowed) = shared else {
        return Ok(());
    };
    let wished = |name: &AgentName| job.agent.is_none_or(|wish| wish == name);
    let allows = |name: &AgentName| wished(name) && consent::allows_agent(allowed, name);
    able.agents
        .iter()
        .any(|agent| agent.is_usable() && allows(&agent.name))
        .then_some(())
        .ok_or_else(|| not_consented(SharedUseLimit::Agent))
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
