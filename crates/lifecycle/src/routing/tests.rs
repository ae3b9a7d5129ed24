//! Routing over the whole table: every target with every kind of runner.

use protocol::{
    agent::{AgentStatus, Detection, Platform, SignIn},
    runner::PermissionLevel,
};
use uuid::Uuid;

use super::*;

mod every_case;

const SUBMITTER: AccountId = AccountId(Uuid::from_u128(1));
const TEAMMATE: AccountId = AccountId(Uuid::from_u128(2));
const STRANGER: AccountId = AccountId(Uuid::from_u128(3));
const SUBMITTER_EMAIL: &str = "ada@example.org";
const TEAM: [AccountId; 2] = [SUBMITTER, TEAMMATE];
const RUNNER: RunnerId = RunnerId(Uuid::from_u128(10));
const OTHER_RUNNER: RunnerId = RunnerId(Uuid::from_u128(11));

/// Others may do everything.
const OPEN: SharedUse = SharedUse {
    allowed: true,
    people: Vec::new(),
    agents: Vec::new(),
    permission: PermissionLevel::Ask,
    at_once: None,
    hours: None,
    open_now: true,
};

static OPENED: SharedUse = OPEN;

const fn job(target: Target) -> JobFacts<'static> {
    JobFacts {
        submitter: SUBMITTER,
        submitter_email: SUBMITTER_EMAIL,
        team: &TEAM,
        target,
        agent: None,
        context: JobContext::Local,
    }
}

fn capabilities() -> Capabilities {
    let agent = |name: &str, enabled, sign_in| AgentStatus {
        detection: Detection::Detected,
        enabled,
        sign_in,
        ..AgentStatus::not_found(name, name)
    };
    Capabilities {
        platform: Platform {
            os: "linux".to_owned(),
            os_version: String::new(),
            arch: "x86_64".to_owned(),
            hostname: "desk".to_owned(),
        },
        runner_version: "0.1.0".to_owned(),
        agents: vec![
            agent("demo", true, SignIn::NotNeeded),
            agent("off", false, SignIn::SignedIn),
            agent("claude", true, SignIn::SignedOut),
        ],
        tools: Vec::new(),
    }
}

fn runner(able: &Capabilities) -> RunnerFacts<'_> {
    RunnerFacts {
        id: RUNNER,
        owner: SUBMITTER,
        owner_is_member: true,
        sharing: Sharing::Private,
        disabled: false,
        shared_use: Some(&OPENED),
        others_under_way: 0,
        online: true,
        paused: false,
        draining: false,
        capabilities: Some(able),
        free_slots: 1,
        trouble: None,
        refused: None,
    }
}

/// The table of targets in full: who owns the runner, whether it is shared, what follows.
#[test]
fn targets_include_exactly_the_runners_that_they_name() {
    use Sharing::{Private, Shared};
    let ok = Ok(());
    let not_target = Err(Refusal::NotTheTarget);
    let not_shared = Err(Refusal::NotShared);
    let this = Target::Runner { runner_id: RUNNER };
    let other = Target::Runner {
        runner_id: OTHER_RUNNER,
    };
    let table = [
        (
            SUBMITTER,
            Private,
            [&ok, &not_shared, &ok, &ok, &not_target],
        ),
        (SUBMITTER, Shared, [&ok, &ok, &ok, &ok, &not_target]),
        (
            TEAMMATE,
            Private,
            [
                &not_target,
                &not_shared,
                &not_shared,
                &not_shared,
                &not_target,
            ],
        ),
        (TEAMMATE, Shared, [&not_target, &ok, &ok, &ok, &not_target]),
        (
            STRANGER,
            Private,
            [
                &not_target,
                &not_target,
                &not_shared,
                &not_shared,
                &not_target,
            ],
        ),
        (
            STRANGER,
            Shared,
            [&not_target, &not_target, &ok, &ok, &not_target],
        ),
    ];
    let able = capabilities();
    for (owner, sharing, verdicts) in table {
        let targets = [Target::My, Target::Team, Target::Any, this, other];
        for (target, verdict) in targets.into_iter().zip(verdicts) {
            let facts = RunnerFacts {
                owner,
                sharing,
                ..runner(&able)
            };
            assert_eq!(
                &why_not(&job(target), &facts),
                verdict,
                "{target:?} {facts:?}"
            );
            let left = RunnerFacts {
                owner_is_member: false,
                ..facts
            };
            assert_eq!(
                why_not(&job(target), &left),
                not_target,
                "{target:?} {left:?}"
            );
        }
    }
}

/// Every combination of conditions: the refusal is the first that applies in the order of lasting.
#[test]
fn of_several_reasons_the_one_that_lasts_longest_is_said() {
    let able = capabilities();
    for bits in 0..128_u32 {
        let has = |bit: u32| bits & (1 << bit) != 0;
        let facts = RunnerFacts {
            disabled: has(0),
            online: !has(1),
            draining: has(2),
            paused: has(3),
            capabilities: (!has(4)).then_some(&able),
            trouble: has(5).then_some("the disk is full"),
            free_slots: u32::from(!has(6)),
            ..runner(&able)
        };
        let reasons = [
            Refusal::Disabled,
            Refusal::Offline,
            Refusal::Draining,
            Refusal::Paused,
            Refusal::AgentUnavailable { agent: None },
            Refusal::Unhealthy {
                message: "the disk is full".to_owned(),
            },
            Refusal::NoFreeSlot,
        ];
        let first = (0..7)
            .find(|bit| has(*bit))
            .map(|bit| reasons[bit as usize].clone());
        assert_eq!(why_not(&job(Target::My), &facts).err(), first, "{facts:?}");
        let elsewhere = RunnerFacts {
            owner: STRANGER,
            ..facts
        };
        assert_eq!(
            why_not(&job(Target::My), &elsewhere),
            Err(Refusal::NotTheTarget)
        );
    }
}

#[test]
fn the_agent_has_to_be_here_switched_on_and_signed_in() {
    let able = capabilities();
    for (wish, takes) in [
        ("demo", true),
        ("off", false),
        ("claude", false),
        ("none", false),
    ] {
        let name = AgentName::new(wish);
        let job = JobFacts {
            agent: Some(&name),
            ..job(Target::My)
        };
        let refusal = Refusal::AgentUnavailable {
            agent: Some(name.clone()),
        };
        assert_eq!(
            why_not(&job, &runner(&able)),
            if takes { Ok(()) } else { Err(refusal) }
        );
    }
}

#[test]
fn what_the_runner_itself_refused_is_not_offered_again() {
    let able = capabilities();
    let refusal = Refusal::NotConsented {
        to: SharedUseLimit::Hours,
    };
    let facts = RunnerFacts {
        refused: Some(&refusal),
        ..runner(&able)
    };
    assert_eq!(why_not(&job(Target::My), &facts), Err(refusal.clone()));
}
