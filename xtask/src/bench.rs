//! `cargo xtask bench`: the product's bars, as figures of this machine.
//!
//! Each is a ratio of two things measured in the same run, so that a slow or busy
//! machine weighs on both. Nothing is judged here: the figures are shown, with
//! what they should not pass.

mod table;

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{
    command::Program,
    project, say,
    tools::{self, BUILD, TEST},
    ui,
};

/// What can be measured, by the word that chooses it.
const BARS: [&str; 6] = ["redact", "start", "service", "fleet", "recovery", "desktop"];

/// Builds what is measured, measures it, and shows the figures.
pub(crate) fn run(filter: &[String], jobs: usize, json: bool, yes: bool) -> Result<()> {
    let chosen = |bar: &&str| filter.is_empty() || filter.iter().any(|word| bar.contains(word));
    let mut bars: Vec<&str> = BARS.iter().filter(|bar| chosen(bar)).copied().collect();
    if bars.is_empty() {
        bail!("no bar fits; there is: {}", BARS.join(", "));
    }
    if jobs == 0 {
        bail!("no jobs, no figures: ask for one at least");
    }
    if bars.contains(&"desktop")
        && let Err(error) = desktop(yes)
    {
        say::warning(&format!(
            "the desktop app cannot be measured here: {error:#}"
        ));
        bars.retain(|bar| *bar != "desktop");
    }
    if bars.is_empty() {
        return Ok(());
    }
    if bars.contains(&"fleet") {
        // The pages are taken from the program that is measured.
        ui::build()?;
        ui::install(&project::root().join("tests/e2e"))?;
    }
    if bars != ["redact"] {
        build(&["-p", "cli"])?;
    }
    show(&measure(&bars, jobs)?, json)
}

/// Builds the app and the bare tray; needs what the tests of the window need.
fn desktop(yes: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("a private desktop is made with the means of Linux");
    }
    tools::ensure(&[BUILD, TEST], yes)?;
    ui::build()?;
    build(&["-p", "coord-runner", "--bins", "--example", "bare_tray"])
}

fn build(what: &[&str]) -> Result<()> {
    Program::cargo()
        .args(["build", "--locked", "--release"])
        .args(what)
        .run()
}

/// The figures of all bars, in the order of [`BARS`].
fn measure(bars: &[&str], jobs: usize) -> Result<Value> {
    say::step("Measuring");
    let mut figures = Vec::new();
    let (redact, whole): (Vec<&str>, Vec<&str>) =
        bars.iter().copied().partition(|bar| *bar == "redact");
    if !redact.is_empty() {
        figures.extend(measured("agents", "redact", Ok)?);
    }
    if !whole.is_empty() {
        figures.extend(measured("whole", "bars", |program| {
            let program = program
                .args(["--bars", &whole.join(",")])
                .args(["--jobs", &jobs.to_string()]);
            if whole.contains(&"fleet") {
                return Ok(program.env("COORD_TEST_CHROMIUM", tools::chromium()?));
            }
            Ok(program)
        })?);
    }
    Ok(json!({ "bars": figures }))
}

/// What a benchmark of a package says, told what to measure by `wishes`.
fn measured(
    package: &str,
    bench: &str,
    wishes: impl FnOnce(Program) -> Result<Program>,
) -> Result<Vec<Value>> {
    let program = Program::cargo()
        .args(["bench", "--locked", "-p", package, "--bench", bench])
        .args(["--"]);
    let said = wishes(program)?.output()?;
    let said: Value = serde_json::from_str(&said).context("the figures are not JSON")?;
    let bars = said["bars"].as_array().context("there are no figures")?;
    Ok(bars.clone())
}

fn show(report: &Value, json: bool) -> Result<()> {
    let text = if json {
        format!("{report:#}\n")
    } else {
        table::of(report)?
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
