//! The runner's service while it has nothing to do, with the worker that waits for its next job.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::{figures::Bar, place::Place, processes, say};

/// Time for what the last job left behind: threads that wait, buffers that go.
const SETTLE: Duration = Duration::from_secs(15);
/// For how long processor time is added up.
const WATCHED: Duration = Duration::from_mins(1);
/// Most memory, in megabytes.
const PSS_MAX: f64 = 30.0;
/// Most processor time, in percent of one processor.
const CPU_MAX: f64 = 0.1;

/// Watches the service, signed in and online, after everything else was measured with it.
pub(crate) async fn measure(place: &Place) -> Result<Vec<Bar>> {
    say("watching the idle service for a minute");
    let service = place.service();
    sleep(SETTLE).await;
    let all = processes::with_children(service)?;
    let used = || -> Result<Duration> { all.iter().map(|pid| processes::cpu(*pid)).sum() };
    let before = used()?;
    sleep(WATCHED).await;
    let used = used()?.saturating_sub(before);
    let memory: f64 = all
        .iter()
        .map(|pid| processes::pss_mb(*pid))
        .sum::<Result<f64>>()?;
    let waiting = all.len() - 1;
    let percent = 100.0 * used.as_secs_f64() / WATCHED.as_secs_f64();
    Ok(vec![
        Bar::new("service idle, memory (PSS)", "MB", memory)
            .against("the most that it may take", PSS_MAX, 1.0)
            .note(format!("signed in and online, {waiting} worker waits")),
        Bar::new("service idle, processor", "%", percent)
            .against("the most that it may take", CPU_MAX, 1.0)
            .note("of one processor, over 60 s"),
    ])
}
