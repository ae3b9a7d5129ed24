//! `cargo xtask chaos`: everything goes wrong for a while, and nothing may be lost or done twice.
//!
//! The program itself is the test `storm::as_asked` of `tests/chaos`; this builds
//! what it plays with, hands it the wishes, and says where it left what failed.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    command::Program,
    project, say,
    tools::{self, BUILD, CHAOS, TEST},
};

/// How much of it.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Wishes {
    /// Plays what this seed played before; another one each time when left out
    #[arg(long)]
    seed: Option<u64>,
    /// How many jobs there are
    #[arg(long, default_value_t = 5_000)]
    jobs: u32,
    /// How many machines work on them
    #[arg(long, default_value_t = 20)]
    runners: u32,
    /// How many coordinators share the database
    #[arg(long, default_value_t = 3)]
    coordinators: u32,
    /// How long it takes at most; things go wrong for three quarters of it
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// Not optimised, which is built sooner and does less; such programs also end at failpoints
    #[arg(long)]
    debug: bool,
}

/// Builds the programs, and plays.
pub(crate) fn run(wishes: Wishes, yes: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("processes are looked at with the means of Linux; play it there");
    }
    if wishes.runners == 0 || wishes.coordinators == 0 || wishes.minutes == 0 || wishes.jobs == 0 {
        bail!("nothing comes of nothing: give one job, runner, coordinator and minute at least");
    }
    tools::ensure(&[BUILD, TEST, CHAOS], yes)?;
    let mut build = Program::cargo().args(["build", "--locked", "-p", "cli", "--bins"]);
    if !wishes.debug {
        build = build.args(["--release"]);
    }
    build.run()?;
    let seed = match wishes.seed {
        Some(seed) => seed,
        None => any_seed()?,
    };
    let kept = project::target()?.join("xtask-chaos");
    fs::create_dir_all(&kept)?;
    say::step(&format!("Chaos with seed {seed}"));
    let mut play = Program::cargo()
        .args(["test", "--locked", "-p", "whole", "--test", "chaos", "--"])
        .args(["--exact", "storm::as_asked", "--ignored", "--nocapture"])
        .env("COORD_TEST_COORD", project::binary("coord", !wishes.debug)?)
        .env("COORD_CHAOS_KEEP", &kept)
        .env("COORD_CHAOS_SEED", seed.to_string())
        .env("COORD_CHAOS_JOBS", wishes.jobs.to_string())
        .env("COORD_CHAOS_RUNNERS", wishes.runners.to_string())
        .env("COORD_CHAOS_COORDINATORS", wishes.coordinators.to_string())
        .env("COORD_CHAOS_MINUTES", wishes.minutes.to_string());
    if wishes.debug {
        play = play.env("COORD_CHAOS_PLACES", "1");
    }
    if play.run().is_err() {
        bail!(
            "seed {seed} broke something: what happened and every log are where it says above \
             (or below {})",
            kept.display()
        );
    }
    say::step(&format!("Seed {seed}: nothing lost, nothing done twice."));
    Ok(())
}

fn any_seed() -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.context("this machine's clock stands before 1970")?;
    Ok(u64::from(now.subsec_nanos()) % 1_000_000)
}
