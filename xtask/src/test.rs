//! `cargo xtask test`: installs and runs everything that the tests need.

mod needs;
mod postgres;
mod stage;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::say;

use needs::Needs;
use stage::STAGES;

/// Runs the stages in order: one that others stand on ends it when it breaks, of the rest all are run.
pub(crate) fn run(filter: &[String], yes: bool) -> Result<()> {
    let chosen = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(word));
    let stages: Vec<_> = STAGES.iter().filter(|stage| chosen(stage.name)).collect();
    if stages.is_empty() {
        let names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        bail!("no stage fits; there is: {}", names.join(", "));
    }
    let needs = Needs::new(yes)?;
    let mut report = Vec::new();
    let mut broken = Vec::new();
    for stage in stages {
        say::step(&format!("test: {} ({})", stage.name, stage.purpose));
        let begun = Instant::now();
        let done = (stage.run)(&needs);
        let seconds = begun.elapsed().as_secs_f64();
        let word = if done.is_ok() { "passed" } else { "FAILED" };
        report.push(format!("  {word}  {:<14} {seconds:>7.1} s", stage.name));
        if let Err(error) = done {
            say::line(&format!("the stage `{}` broke: {error:#}", stage.name));
            broken.push(stage.name);
            if stage.carries_others {
                break;
            }
        }
    }
    say::step("Stages");
    for line in report {
        say::line(&line);
    }
    if !broken.is_empty() {
        bail!("broken: {}", broken.join(", "));
    }
    say::step("All stages passed.");
    Ok(())
}
