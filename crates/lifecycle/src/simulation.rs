//! The whole protocol, simulated: coordinators over one database, runners, a bad network,
//! crashes, sleep and clocks.
//!
//! Everybody here holds nothing but state and messages; every decision is one of this
//! crate's functions. After each step the promises of the protocol are checked, and after
//! the storm everything has to come to an end. A seed names a history; those that ever
//! failed stand in `seeds.txt`, and are played at every run.

mod broken;
mod calm;
mod claim;
mod coordinator;
mod promises;
mod runner;
mod step;
mod store;
mod wire;
mod work;
mod world;

use std::ops::AddAssign;

use broken::Broken;
use proptest::prelude::*;
use protocol::job::JobState;
use step::{Fate, Step};
use world::World;

/// Names one seed to be played alone.
const SEED: &str = "COORD_SIMULATION_SEED";
/// How many seeds are played, from the first.
const SEEDS: &str = "COORD_SIMULATION_SEEDS";
const SEEDS_USUALLY: u64 = 1_000;
/// Among so many histories each broken rule has to be found.
const SEEDS_TO_FIND: u64 = 5_000;
const STEPS: usize = 300;

/// What a seed's history consists of.
fn words(seed: u64) -> impl Iterator<Item = u64> {
    // SplitMix64: every seed gives other words, on every machine the same.
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    })
}

/// What was played.
#[derive(Debug, Default)]
struct Played {
    steps: u64,
    claims: u64,
    lost: u64,
    parked: u64,
    outages: u64,
    done: u64,
}

impl AddAssign<&World> for Played {
    fn add_assign(&mut self, world: &World) {
        self.steps += world.seen.steps;
        self.claims += world.seen.claims;
        self.lost += world.seen.lost;
        self.parked += world.seen.parked;
        self.outages += world.seen.outages;
        let done = world
            .store
            .jobs
            .iter()
            .filter(|job| job.state == JobState::Done);
        self.done += done.count() as u64;
    }
}

fn play(words: impl Iterator<Item = u64>, broken: Option<Broken>) -> Result<World, String> {
    let mut world = World::new(broken);
    for (n, word) in words.enumerate() {
        let step = Step::of(word);
        world
            .take(step)
            .map_err(|promise| format!("{promise}: broken by step {n}, {step:?}"))?;
    }
    world.calm_down()?;
    Ok(world)
}

fn play_seed(seed: u64, broken: Option<Broken>) -> Result<World, String> {
    play(words(seed).take(STEPS), broken).map_err(|broken| format!("{SEED}={seed}: {broken}"))
}

fn number_in(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_seed_breaks_the_promises() {
    let kept = include_str!("simulation/seeds.txt").lines();
    let kept = kept.filter_map(|line| line.split(' ').next()?.parse().ok());
    let seeds: Vec<u64> = match number_in(SEED) {
        Some(seed) => vec![seed],
        None => kept
            .chain(0..number_in(SEEDS).unwrap_or(SEEDS_USUALLY))
            .collect(),
    };
    let mut played = Played::default();
    for seed in &seeds {
        match play_seed(*seed, None) {
            Ok(world) => played += &world,
            Err(broken) => panic!("{broken}"),
        }
    }
    println!("{} histories: {played:?}", seeds.len());
    // A simulation in which nothing happens would keep every promise.
    let histories = seeds.len() as u64;
    assert!(played.steps > histories * STEPS as u64, "{played:?}");
    assert!(played.claims > histories, "{played:?}");
    assert!(
        histories == 1 || played.lost.min(played.outages) > 0,
        "{played:?}"
    );
}

#[test]
fn every_rule_that_is_broken_on_purpose_is_found() {
    for broken in Broken::ALL {
        let found = (0..SEEDS_TO_FIND).find_map(|seed| play_seed(seed, Some(broken)).err());
        match found {
            Some(found) => println!("{broken:?}: {found}"),
            None => panic!("{broken:?} was not found in {SEEDS_TO_FIND} histories"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// As above, and what fails is made as short as it can be.
    #[test]
    fn no_order_loss_repetition_or_delay_breaks_the_promises(
        words in prop::collection::vec(any::<u64>(), 1..250)
    ) {
        let played = play(words.into_iter(), None).map(drop);
        prop_assert_eq!(played, Ok(()));
    }
}

#[test]
fn without_trouble_a_job_is_done_by_one_attempt() {
    let mut world = World::new(None);
    world.calm_down().unwrap();
    for job in &world.store.jobs {
        assert_eq!((job.state, job.attempts.len()), (JobState::Done, 1));
    }
}

/// Job 0 is held by runner 0, which has worked on it.
fn with_one_held() -> World {
    let mut world = World::new(None);
    let fate = Fate::Well;
    let deliver = Step::Deliver {
        which: 0,
        at: 0,
        parks: true,
        fate,
    };
    let exchange = Step::Exchange { runner: 0, at: 1 };
    let hand = Step::Hand {
        at: 0,
        job: 0,
        fate,
    };
    for step in [
        Step::Sync(0),
        deliver,
        Step::Look(0),
        hand,
        deliver,
        exchange,
        Step::Work(0),
    ] {
        world.take(step).unwrap();
    }
    assert_eq!(world.store.jobs[0].state, JobState::InProgress);
    world
}

#[test]
fn a_runner_that_comes_back_before_the_next_claim_goes_on() {
    let mut world = with_one_held();
    world.take(Step::Silence).unwrap();
    assert_eq!(world.store.jobs[0].state, JobState::Ready);
    world.take(Step::Exchange { runner: 0, at: 0 }).unwrap();
    assert_eq!(world.store.jobs[0].state, JobState::InProgress);
    world.calm_down().unwrap();
    assert_eq!(world.store.jobs[0].attempts.len(), 1);
}

#[test]
fn a_crash_of_every_coordinator_after_each_commit_costs_nothing() {
    let mut world = with_one_held();
    for at in [0, 1, 0, 1] {
        let fate = Fate::CrashAfterCommit;
        world.take(Step::Upload { runner: 0, most: 1 }).unwrap();
        world
            .take(Step::Deliver {
                which: 0,
                at,
                parks: false,
                fate,
            })
            .unwrap();
        assert!(!world.coordinators[at].is_up);
        world.take(Step::CoordinatorStart(at)).unwrap();
    }
    world.calm_down().unwrap();
    assert_eq!(world.store.jobs[0].attempts.len(), 1);
}
