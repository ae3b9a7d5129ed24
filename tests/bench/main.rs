//! The bars of the product, each measured against the same thing done bare, in the same run.
//!
//! Run by `cargo xtask bench`, which builds what is measured and shows the
//! figures. Nothing here passes or fails: a figure is only told, since a busy
//! machine can double any of them.
//!
//! Not here: tests. `cargo test` starts this program without measuring anything.

mod agent;
mod bare;
mod coordinator;
mod figures;
#[cfg(target_os = "linux")]
mod fleet;
#[cfg(target_os = "linux")]
mod idle;
mod place;
mod processes;
#[cfg(target_os = "linux")]
mod recovery;
mod start;
#[cfg(target_os = "linux")]
mod tray;

/// The private desktop of the tests.
#[cfg(target_os = "linux")]
#[expect(
    dead_code,
    reason = "a tray that idles needs less of a desktop than the tests of the window"
)]
#[path = "../desktop"]
mod desktop {
    pub(crate) mod desk;
    pub(crate) mod double;
}

use std::io::Write as _;

use anyhow::{Context as _, Result};
use serde_json::json;

#[cfg(target_os = "linux")]
use desktop::{desk, double};
use figures::Bar;
use place::Place;

/// Which bars are measured, and how.
struct Wishes {
    bars: Vec<String>,
    jobs: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(program) = agent::is_meant(&arguments) {
        return agent::play(program, &arguments);
    }
    // `cargo test` and `cargo nextest` may start every target there is; only `cargo bench` says this.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Runtime::new()?;
    let bars = runtime.block_on(measure(&wishes(&arguments)?))?;
    let report = json!({ "bars": bars });
    writeln!(std::io::stdout(), "{report:#}")?;
    Ok(())
}

fn wishes(arguments: &[String]) -> Result<Wishes> {
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let bars = after("--bars").context("--bars names no bar")?;
    let jobs = after("--jobs").context("--jobs is missing")?;
    Ok(Wishes {
        bars: bars.split(',').map(str::to_owned).collect(),
        jobs: jobs.parse().context("--jobs is no number")?,
    })
}

async fn measure(wishes: &Wishes) -> Result<Vec<Bar>> {
    let wanted = |name: &str| wishes.bars.iter().any(|bar| bar == name);
    let mut bars = Vec::new();
    if wanted("start") || wanted("service") {
        let place = Place::ready().await?;
        if wanted("start") {
            bars.extend(start::measure(&place, wishes.jobs).await?);
        }
        #[cfg(target_os = "linux")]
        if wanted("service") {
            bars.extend(idle::measure(&place).await?);
        }
    }
    #[cfg(target_os = "linux")]
    if wanted("fleet") {
        bars.extend(fleet::measure().await?);
    }
    #[cfg(target_os = "linux")]
    if wanted("recovery") {
        bars.extend(recovery::measure().await?);
    }
    #[cfg(target_os = "linux")]
    if wanted("desktop") {
        bars.extend(tray::measure().await?);
    }
    Ok(bars)
}

/// Says what happens now, to whoever waits for the figures.
fn say(text: &str) {
    // Nobody is left to tell when standard error is gone.
    drop(writeln!(std::io::stderr(), "  {text}"));
}
