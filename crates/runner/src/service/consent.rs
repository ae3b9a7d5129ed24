//! The owner's word about jobs of other people, before one is taken on.

use jiff::{Zoned, tz::TimeZone};
use lifecycle::consent::{SharedJob, allows_agent, consent};
use protocol::{
    agent::{AgentName, AgentStatus, Capabilities},
    job::{Refusal, SharedUseLimit},
    runner::{Assignment, SharedUse},
};
use settings::config::SharedUseSettings;

use super::{attempts::SlotUse, shared::Shared};

/// What the owner allows others now, for the coordinator to know.
pub(crate) fn allowed_now(settings: &SharedUseSettings) -> SharedUse {
    SharedUse {
        allowed: settings.allowed,
        people: settings.people.clone(),
        agents: settings.agents.clone(),
        permission: settings.permission,
        at_once: settings.at_once,
        hours: settings.hours.as_ref().map(ToString::to_string),
        open_now: settings.hours.as_ref().is_none_or(|hours| {
            let now = Zoned::now().with_time_zone(TimeZone::system());
            let day = now.weekday().to_monday_zero_offset();
            let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
            hours.contains(day.unsigned_abs(), minute.unsigned_abs())
        }),
    }
}

/// Why the owner does not let the runner take `assignment`; none when they do.
pub(crate) fn refusal(shared: &Shared, assignment: &Assignment) -> Option<Refusal> {
    if !assignment.shared {
        return None;
    }
    let allowed = allowed_now(&shared.settings().shared_use);
    let others = shared.attempts.held();
    let others = others
        .iter()
        .filter(|entry| entry.assignment.shared && entry.slot_use() != SlotUse::Nothing);
    let submitter = assignment.submitter.as_ref();
    let limit = match submitter {
        // Somebody whom the coordinator does not name is nobody of whom the owner has heard.
        None => Some(SharedUseLimit::Person),
        Some(submitter) => {
            let job = SharedJob {
                submitter_email: &submitter.email,
                agent: assignment.agent.as_ref(),
                others_under_way: u32::try_from(others.count()).unwrap_or(u32::MAX),
            };
            consent(&allowed, &job).err()
        }
    };
    limit.map(|to| Refusal::NotConsented { to })
}

/// The agent for a job: the one that it asks for, or the first that may be used for it.
pub(crate) fn agent_for<'a>(
    capabilities: &'a Capabilities,
    assignment: &Assignment,
    settings: &SharedUseSettings,
) -> Option<&'a AgentStatus> {
    let wish: Option<&AgentName> = assignment.agent.as_ref();
    if !assignment.shared {
        return capabilities.agent_for(wish);
    }
    let allowed = allowed_now(settings);
    capabilities.agents.iter().find(|agent| {
        agent.is_usable()
            && wish.is_none_or(|name| *name == agent.name)
            && allows_agent(&allowed, &agent.name)
    })
}
