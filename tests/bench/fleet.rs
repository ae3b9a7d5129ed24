//! A thousand runners and ten thousand jobs in one workspace, and the pages that look at them.
//!
//! The runners are played in this process, over real HTTP, against the
//! coordinator's own program: each syncs again and again, and looks different
//! each time. The pages are streams that fetch the list of runners anew when they
//! are told of a change, at most once a second, as the web app does. At last the web
//! app itself is opened in a browser.

mod browser;
mod played;
mod tabs;

pub(crate) use played::Player;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::time::{Instant, sleep};
use whole::Stage;

use crate::{
    coordinator::Coordinator,
    figures::{Bar, Times},
    processes, say,
};

const RUNNERS: usize = 1_000;
const JOBS: usize = 10_000;
const TABS: usize = 20;
/// How many calls are under way at once while everything is made.
const AT_ONCE: usize = 32;
/// For how long each number of open pages is measured.
const MEASURED: Duration = Duration::from_secs(30);
/// Time in which a newly opened page comes to rest.
const SETTLED: Duration = Duration::from_secs(3);
const LISTS: usize = 30;
/// A page should open within this, of which the list is a part.
const PAGE_MS: f64 = 1_000.0;
/// How much more of the processor twenty pages may take than one.
const TABS_AIM: f64 = 25.0;
/// The most that a stream tells in a second: eight jobs and eight runners by name, and the workspace.
const EVENTS_A_SECOND: f64 = 17.0;

/// What the coordinator took while some pages were open.
struct Load {
    cpu: f64,
    events: f64,
    fetched: f64,
}

/// Takes the figures of a large fleet.
pub(crate) async fn measure() -> Result<Vec<Bar>> {
    say(&format!(
        "making {RUNNERS} runners and {JOBS} jobs; this takes a while"
    ));
    let stage = Stage::ready();
    let owner = Arc::new(Coordinator::sign_in(stage.url()).await?);
    let server = stage.processes("server");
    let server = server.first().context("the coordinator's process")?.id;
    jobs(&owner).await?;
    let fleet = played::Fleet::start(&owner, RUNNERS).await?;
    say("measuring the list of runners");
    let list = list_times(&owner).await?;
    let none = load(&owner, server, 0).await?;
    let one = load(&owner, server, 1).await?;
    let many = load(&owner, server, TABS).await?;
    say("measuring the pages in a browser");
    let pages = browser::measure(&stage, &owner).await?;
    let syncs = fleet.end().await?;
    let context = format!(
        "{RUNNERS} runners with {} jobs each, {syncs:.0} syncs a second, {JOBS} jobs",
        played::SLOTS
    );
    let mut bars = list_bars(&list, &context);
    bars.extend(load_bars(&none, &one, &many));
    bars.extend(pages);
    Ok(bars)
}

fn list_bars(list: &Times, context: &str) -> Vec<Bar> {
    let bar = |name: &str, share| {
        Bar::new(name, "ms", list.percentile_ms(share)).against(
            "what a page may take to open",
            PAGE_MS,
            1.0,
        )
    };
    vec![
        bar("list of runners, median", 50).note(context),
        bar("list of runners, 99 %", 99),
    ]
}

fn load_bars(none: &Load, one: &Load, many: &Load) -> Vec<Bar> {
    let share = |load: &Load| (load.cpu - none.cpu).max(0.001);
    vec![
        Bar::new(
            format!("processor that {TABS} pages take"),
            "s/s",
            share(many),
        )
        .against("one page", share(one), TABS_AIM)
        .note(format!(
            "without a page {:.3} s/s; {:.2} fetches a second and page",
            none.cpu, many.fetched
        )),
        Bar::new("processor with all of it", "s/s", many.cpu).against(
            "with one page",
            one.cpu,
            TABS_AIM,
        ),
        Bar::new("events a second and stream", "", many.events).against(
            "the most that is told",
            EVENTS_A_SECOND,
            1.0,
        ),
    ]
}

/// Jobs that are Ready: some are taken, the rest waits for a free runner.
async fn jobs(owner: &Arc<Coordinator>) -> Result<()> {
    let mut makers = tokio::task::JoinSet::new();
    for maker in 0..AT_ONCE {
        let owner = Arc::clone(owner);
        makers.spawn(async move {
            for number in (maker..JOBS).step_by(AT_ONCE) {
                owner.submit(number, "claude", true).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(made) = makers.join_next().await {
        made??;
    }
    Ok(())
}

/// Times of the whole list, each after something has changed.
async fn list_times(owner: &Coordinator) -> Result<Times> {
    let mut times = Times::default();
    for _ in 0..LISTS {
        // Longer than a list is kept while readers have not been told.
        sleep(Duration::from_millis(1_100)).await;
        let began = Instant::now();
        let list = owner.runners(None).await?;
        times.push(began.elapsed());
        let list = list.context("a list")?.1;
        let count = list["runners"].as_array().map_or(0, Vec::len);
        ensure!(count == RUNNERS, "{count} runners are listed");
    }
    Ok(times)
}

async fn load(owner: &Arc<Coordinator>, server: u32, count: usize) -> Result<Load> {
    say(&format!("measuring with {count} open pages"));
    let tabs = tabs::Tabs::open(owner, count);
    sleep(SETTLED).await;
    let (before, from) = (processes::cpu(server)?, tabs.counted());
    let began = Instant::now();
    sleep(MEASURED).await;
    let took = began.elapsed().as_secs_f64();
    let used = processes::cpu(server)?.saturating_sub(before);
    let counted = tabs.counted();
    tabs.close().await?;
    let each = |total: u64| {
        let tabs = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        f64::from(total) / f64::from(tabs) / took
    };
    Ok(Load {
        cpu: used.as_secs_f64() / took,
        events: each(counted.events - from.events),
        fetched: each(counted.fetched - from.fetched),
    })
}

/// The body of a registration.
fn registration(number: usize) -> serde_json::Value {
    json!({
        "protocol": {"min": protocol::version::OLDEST, "max": protocol::version::CURRENT},
        "installation_id": uuid::Uuid::now_v7(),
        "name": format!("rack-{number:04}"),
        "platform": played::platform(),
        "runner_version": "0.1.0",
        "machine_key": "00",
    })
}
