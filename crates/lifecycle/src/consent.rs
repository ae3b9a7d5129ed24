//! What the owner of a machine allows others to do with it: one function for both sides.
//!
//! The runner enforces it, since the owner has the last word; the coordinator asks the
//! same function so that it offers nothing that would be refused.
//!
//! Not here: what an agent may do once it works (`permission`), and whether the runner
//! is shared at all (`routing`).

use protocol::{agent::AgentName, job::SharedUseLimit, runner::SharedUse};

/// What of a job of somebody else decides about the owner's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedJob<'a> {
    /// The e-mail address of who submitted it.
    pub submitter_email: &'a str,
    /// The agent that would do it; none while it is not chosen.
    pub agent: Option<&'a AgentName>,
    /// Jobs of others that the runner works on already.
    pub others_under_way: u32,
}

/// Whether the owner allows `job`; what stands against it when not, the most lasting first.
pub fn consent(allowed: &SharedUse, job: &SharedJob<'_>) -> Result<(), SharedUseLimit> {
    lasting(allowed, job)?;
    passing(allowed, job)
}

/// What stays until the owner changes the settings.
pub fn lasting(allowed: &SharedUse, job: &SharedJob<'_>) -> Result<(), SharedUseLimit> {
    if !allowed.allowed {
        return Err(SharedUseLimit::Off);
    }
    if !allowed.people.is_empty() && !names(&allowed.people, job.submitter_email) {
        return Err(SharedUseLimit::Person);
    }
    if job.agent.is_some_and(|agent| !allows_agent(allowed, agent)) {
        return Err(SharedUseLimit::Agent);
    }
    Ok(())
}

/// What ends by itself.
pub fn passing(allowed: &SharedUse, job: &SharedJob<'_>) -> Result<(), SharedUseLimit> {
    if !allowed.open_now {
        return Err(SharedUseLimit::Hours);
    }
    if allowed
        .at_once
        .is_some_and(|most| job.others_under_way >= most)
    {
        return Err(SharedUseLimit::AtOnce);
    }
    Ok(())
}

/// Whether others may use this agent.
pub fn allows_agent(allowed: &SharedUse, agent: &AgentName) -> bool {
    allowed.agents.is_empty() || allowed.agents.contains(agent)
}

/// Addresses are the same in any case of their letters.
fn names(people: &[String], email: &str) -> bool {
    let email = email.trim().to_lowercase();
    people
        .iter()
        .any(|person| person.trim().to_lowercase() == email)
}

#[cfg(test)]
mod tests {
    use protocol::runner::PermissionLevel;

    use super::*;

    /// Every combination of what may stand against a job: the most lasting one is said.
    #[test]
    fn the_owner_allows_exactly_what_nothing_stands_against() {
        let (demo, claude) = (AgentName::new("demo"), AgentName::new("claude"));
        for bits in 0..32_u32 {
            let has = |bit: u32| bits & (1 << bit) != 0;
            let word = |yes: bool, one: &str| if yes { one } else { "Ada@Example.org " }.to_owned();
            let allowed = SharedUse {
                allowed: !has(0),
                people: vec!["carl@example.org".to_owned(), word(has(1), "bea@x.org")],
                agents: vec![if has(2) { claude.clone() } else { demo.clone() }],
                permission: PermissionLevel::Ask,
                at_once: Some(if has(4) { 2 } else { 3 }),
                hours: None,
                open_now: !has(3),
            };
            let job = SharedJob {
                submitter_email: "ada@example.org",
                agent: Some(&demo),
                others_under_way: 2,
            };
            let limits = [
                SharedUseLimit::Off,
                SharedUseLimit::Person,
                SharedUseLimit::Agent,
                SharedUseLimit::Hours,
                SharedUseLimit::AtOnce,
            ];
            let first = (0..5).find(|bit| has(*bit)).map(|bit| limits[bit as usize]);
            assert_eq!(consent(&allowed, &job).err(), first, "{allowed:?}");
            let unchosen = SharedJob { agent: None, ..job };
            let without_agent = (0..5)
                .find(|bit| *bit != 2 && has(*bit))
                .map(|bit| limits[bit as usize]);
            assert_eq!(consent(&allowed, &unchosen).err(), without_agent);
        }
    }

    #[test]
    fn what_is_not_narrowed_is_open_to_all() {
        let open = SharedUse {
            allowed: true,
            people: Vec::new(),
            agents: Vec::new(),
            permission: PermissionLevel::Ask,
            at_once: None,
            hours: None,
            open_now: true,
        };
        let job = SharedJob {
            submitter_email: "anybody@example.org",
            agent: Some(&AgentName::new("any")),
            others_under_way: u32::MAX,
        };
        assert_eq!(consent(&open, &job), Ok(()));
        let none_at_once = SharedUse {
            at_once: Some(0),
            ..open
        };
        let first = SharedJob {
            others_under_way: 0,
            ..job
        };
        assert_eq!(consent(&none_at_once, &first), Err(SharedUseLimit::AtOnce));
    }
}
