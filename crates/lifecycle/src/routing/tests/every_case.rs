//! Every case there is, against the words of the product written down a second time.

use super::*;

/// How the runner's owner stands to the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// Submitted it.
    Submitter,
    /// Is in its team.
    Teammate,
    /// Is a member of the workspace and nothing more.
    Member,
    /// Has left the workspace.
    Left,
}

/// What the owner said about use by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    Silent,
    Everything,
    Nothing,
    OtherPeople,
    OtherAgents,
    NotNow,
    NoMoreAtOnce,
}

/// Which agents the runner has, the job's wish being the demo agent or any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Agents {
    /// The demo agent.
    Demo,
    /// Only one that the job does not ask for.
    Other,
    /// It has not said.
    Unsaid,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    target: Target,
    relation: Relation,
    sharing: Sharing,
    disabled: bool,
    online: bool,
    wish: bool,
    agents: Agents,
    consent: Consent,
}

const RELATIONS: [Relation; 4] = [
    Relation::Submitter,
    Relation::Teammate,
    Relation::Member,
    Relation::Left,
];
const CONSENTS: [Consent; 7] = [
    Consent::Silent,
    Consent::Everything,
    Consent::Nothing,
    Consent::OtherPeople,
    Consent::OtherAgents,
    Consent::NotNow,
    Consent::NoMoreAtOnce,
];
const TARGETS: [Target; 5] = [
    Target::My,
    Target::Team,
    Target::Any,
    Target::Runner { runner_id: RUNNER },
    Target::Runner {
        runner_id: OTHER_RUNNER,
    },
];
const BOTH: [bool; 2] = [false, true];

fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for target in TARGETS {
        for relation in RELATIONS {
            for sharing in [Sharing::Private, Sharing::Shared] {
                for agents in [Agents::Demo, Agents::Other, Agents::Unsaid] {
                    for consent in CONSENTS {
                        for bits in 0..8_usize {
                            all.push(Case {
                                target,
                                relation,
                                sharing,
                                disabled: BOTH[bits & 1],
                                online: BOTH[(bits >> 1) & 1],
                                wish: BOTH[(bits >> 2) & 1],
                                agents,
                                consent,
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

/// The words of the product: who may take the job by its target.
fn is_in_target(case: Case) -> bool {
    let mine = case.relation == Relation::Submitter;
    let shared = case.sharing == Sharing::Shared;
    let in_team = mine || case.relation == Relation::Teammate;
    let here = case.relation != Relation::Left;
    here && match case.target {
        Target::My => mine,
        Target::Team => in_team && shared,
        Target::Any => mine || shared,
        Target::Runner { runner_id } => runner_id == RUNNER && (mine || shared),
    }
}

fn has_agent(case: Case) -> bool {
    match case.agents {
        Agents::Demo => true,
        Agents::Other => !case.wish,
        Agents::Unsaid => false,
    }
}

/// What stands against it, if it is somebody else's; the agents that others may use
/// are none that this runner has.
fn consent_refuses(case: Case) -> Option<SharedUseLimit> {
    if case.relation == Relation::Submitter {
        return None;
    }
    match case.consent {
        Consent::Everything => None,
        Consent::Silent | Consent::Nothing => Some(SharedUseLimit::Off),
        Consent::OtherPeople => Some(SharedUseLimit::Person),
        Consent::OtherAgents => Some(SharedUseLimit::Agent),
        Consent::NotNow => Some(SharedUseLimit::Hours),
        Consent::NoMoreAtOnce => Some(SharedUseLimit::AtOnce),
    }
}

fn shared_use(consent: Consent) -> Option<SharedUse> {
    let narrowed = match consent {
        Consent::Silent => return None,
        Consent::Everything | Consent::NoMoreAtOnce => OPEN,
        Consent::Nothing => SharedUse {
            allowed: false,
            ..OPEN
        },
        Consent::OtherPeople => SharedUse {
            people: vec!["bea@example.org".to_owned()],
            ..OPEN
        },
        Consent::OtherAgents => SharedUse {
            agents: vec![AgentName::new("off")],
            ..OPEN
        },
        Consent::NotNow => SharedUse {
            open_now: false,
            ..OPEN
        },
    };
    let at_once = (consent == Consent::NoMoreAtOnce).then_some(1);
    Some(SharedUse {
        at_once,
        ..narrowed
    })
}

fn answer(case: Case) -> Result<(), Refusal> {
    let demo = AgentName::new("demo");
    let mut able = capabilities();
    match case.agents {
        Agents::Demo | Agents::Unsaid => {}
        Agents::Other => able.agents[0].name = AgentName::new("other"),
    }
    let owner = match case.relation {
        Relation::Submitter => SUBMITTER,
        Relation::Teammate => TEAMMATE,
        Relation::Member | Relation::Left => STRANGER,
    };
    let allowed = shared_use(case.consent);
    let facts = RunnerFacts {
        owner,
        owner_is_member: case.relation != Relation::Left,
        sharing: case.sharing,
        disabled: case.disabled,
        shared_use: allowed.as_ref(),
        others_under_way: 1,
        online: case.online,
        capabilities: (case.agents != Agents::Unsaid).then_some(&able),
        ..runner(&able)
    };
    let wanted = JobFacts {
        agent: case.wish.then_some(&demo),
        ..job(case.target)
    };
    why_not(&wanted, &facts)
}

#[test]
fn a_runner_takes_a_job_exactly_when_nothing_of_the_table_stands_against_it() {
    let all = cases();
    assert_eq!(all.len(), 5 * 4 * 2 * 3 * 7 * 8);
    let mut taken = 0;
    for case in all {
        let may = is_in_target(case)
            && !case.disabled
            && case.online
            && has_agent(case)
            && consent_refuses(case).is_none();
        let said = answer(case);
        assert_eq!(said.is_ok(), may, "{case:?}: {said:?}");
        taken += u32::from(may);
    }
    assert!(taken > 0, "some runner takes some job");
}

#[test]
fn whoever_can_not_take_a_job_says_a_reason_that_is_true() {
    for case in cases() {
        let Err(refusal) = answer(case) else { continue };
        let is_true = match &refusal {
            Refusal::NotTheTarget => !is_in_target(case),
            Refusal::NotShared => {
                !is_in_target(case) && case.sharing == Sharing::Private && case.target != Target::My
            }
            Refusal::Disabled => case.disabled,
            Refusal::Offline => !case.online,
            Refusal::AgentUnavailable { .. } => !has_agent(case),
            Refusal::NotConsented { to } => consent_refuses(case) == Some(*to),
            Refusal::Paused
            | Refusal::Draining
            | Refusal::ContextUnsupported
            | Refusal::NoFreeSlot
            | Refusal::Unhealthy { .. } => false,
        };
        assert!(is_true, "{case:?}: {refusal:?}");
    }
}
