//! The whole protocol, simulated: one coordinator, two runners, a bad network, crashes and clocks.
//!
//! Coordinator and runners here hold nothing but state and messages; every
//! decision is one of this crate's functions. After each step the promises of
//! the protocol are checked, and after the storm everything has to come to an end.

mod coordinator;
mod runner;
mod world;

use proptest::prelude::*;
use protocol::job::JobState;
use world::{Step, World};

fn any_step() -> impl Strategy<Value = Step> {
    let runner = 0..world::RUNNERS;
    let job = 0..world::JOBS;
    let message = any::<prop::sample::Index>();
    prop_oneof![
        2 => (0..20_000_u64).prop_map(Step::Wait),
        1 => (20_000..400_000_u64).prop_map(Step::Wait),
        2 => Just(Step::Silence),
        6 => runner.clone().prop_map(Step::Exchange),
        2 => Just(Step::Reconcile),
        1 => (0..400_000_u64).prop_map(Step::CoordinatorAway),
        4 => (job.clone(), runner.clone()).prop_map(|(job, runner)| Step::Claim { job, runner }),
        1 => job.prop_map(Step::Cancel),
        8 => runner.clone().prop_map(Step::Sync),
        6 => runner.clone().prop_map(Step::Work),
        2 => (runner.clone(), any::<bool>())
            .prop_map(|(runner, well)| Step::Finish { runner, well }),
        6 => (runner.clone(), 1..6_usize).prop_map(|(runner, most)| Step::Upload { runner, most }),
        1 => (runner.clone(), any::<bool>())
            .prop_map(|(runner, answers)| Step::WorkerAnswers { runner, answers }),
        1 => runner.prop_map(Step::Crash),
        24 => message.clone().prop_map(Step::Deliver),
        3 => message.clone().prop_map(Step::Lose),
        3 => message.prop_map(Step::Repeat),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_order_loss_repetition_or_delay_breaks_the_promises(
        steps in prop::collection::vec(any_step(), 1..250)
    ) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
        world.calm_down();
    }
}

#[test]
fn without_trouble_a_job_is_done_by_one_attempt() {
    let mut world = World::new();
    world.calm_down();
    for job in &world.coordinator.jobs {
        assert_eq!(job.attempts.len(), 1);
    }
}

#[test]
fn a_runner_that_comes_back_before_the_next_claim_goes_on() {
    let mut world = World::new();
    world.take(Step::Claim { job: 0, runner: 0 });
    world.take(Step::Exchange(0));
    world.take(Step::Exchange(0));
    world.take(Step::Work(0));
    world.take(Step::Silence);
    world.check();
    assert_eq!(world.coordinator.jobs[0].state, JobState::Ready);
    world.take(Step::Exchange(0));
    assert_eq!(world.coordinator.jobs[0].state, JobState::InProgress);
    world.calm_down();
    assert_eq!(world.coordinator.jobs[0].attempts.len(), 1);
}
