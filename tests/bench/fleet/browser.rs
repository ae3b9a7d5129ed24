//! The pages of a large fleet in a real browser: how soon they open, and what scrolling them costs.
//!
//! The figures are taken inside of the pages, by `e2e/figures`; here they are
//! started, with jobs that keep coming, and held against their bars.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::{task::JoinSet, time::interval};
use tokio_util::sync::CancellationToken;
use whole::{
    Stage,
    program::Ran,
    stage::{self, EMAIL, PASSWORD, WORKSPACE},
};

use super::PAGE_MS;
use crate::{coordinator::Coordinator, figures::Bar};

/// The longest that a page may keep its thread while somebody scrolls.
const TASK_MS: f64 = 50.0;
/// The most rows that may be in the document: three screens of them, before and after included.
const ROWS: f64 = 90.0;
/// How often a page may ask for the same again in a second.
const FETCHES: f64 = 1.0;
/// How often a job is submitted, so that the list of jobs changes, too.
const NEW_JOB_EVERY: Duration = Duration::from_millis(500);
/// Hands on where the browser and Node's programs are.
const HANDED_ON: [&str; 4] = ["COORD_TEST_CHROMIUM", "PATH", "CI", "npm_config_cache"];

/// What one page took.
#[derive(Debug, Deserialize)]
struct Page {
    name: String,
    opened_ms: f64,
    task_ms: f64,
    task_cpu_ms: f64,
    gap_ms: f64,
    rows: f64,
    fetches_a_second: f64,
    pixels: f64,
}

/// Takes the figures of the pages, while runners and jobs change.
pub(super) async fn measure(stage: &Stage, owner: &Arc<Coordinator>) -> Result<Vec<Bar>> {
    let end = CancellationToken::new();
    let mut submitting = JoinSet::new();
    submitting.spawn({
        let (owner, end) = (Arc::clone(owner), end.clone());
        async move {
            end.run_until_cancelled(submit(&owner))
                .await
                .unwrap_or(Ok(()))
        }
    });
    let pages = tokio::task::block_in_place(|| look(stage));
    end.cancel();
    while let Some(ended) = submitting.join_next().await {
        ended??;
    }
    Ok(pages?.iter().flat_map(bars).collect())
}

/// One job after the other, into Backlog.
async fn submit(owner: &Coordinator) -> Result<()> {
    let mut next = interval(NEW_JOB_EVERY);
    for number in super::JOBS.. {
        next.tick().await;
        owner.submit(number, "claude", false).await?;
    }
    Ok(())
}

fn look(stage: &Stage) -> Result<Vec<Page>> {
    let file = stage.path("pages.json");
    let mut run = stage
        .program(Path::new("/usr/bin/env"))
        .args(["npx", "playwright", "test", "--config", "figures.config.ts"])
        .dir(&stage::here()?.join("e2e"))
        .env("COORD_E2E_URL", stage.url())
        .env("COORD_E2E_OWNERS", format!("{EMAIL}={WORKSPACE}"))
        .env("COORD_E2E_PASSWORD", PASSWORD)
        .env("COORD_E2E_FIGURES", &file);
    for name in HANDED_ON {
        if let Some(value) = std::env::var_os(name) {
            run = run.env(name, value);
        }
    }
    let Ran {
        code,
        stdout,
        stderr,
    } = run.run();
    ensure!(code == Some(0), "the browser: {stdout}{stderr}");
    let text = std::fs::read(&file).context("the browser left no figures")?;
    Ok(serde_json::from_slice(&text)?)
}

fn bars(page: &Page) -> [Bar; 4] {
    let name = &page.name;
    [
        Bar::new(format!("page of {name}, opened"), "ms", page.opened_ms).against(
            "what a page may take to open",
            PAGE_MS,
            1.0,
        ),
        Bar::new(
            format!("page of {name}, longest task"),
            "ms",
            page.task_cpu_ms,
        )
        .against("the longest that may be", TASK_MS, 1.0)
        .note(format!(
            "of the processor; by the clock {:.0} ms, and an event waited {:.0} ms; {:.0} pixels",
            page.task_ms, page.gap_ms, page.pixels
        )),
        Bar::new(format!("page of {name}, rows"), "", page.rows).against(
            "the most that may be",
            ROWS,
            1.0,
        ),
        Bar::new(
            format!("page of {name}, fetches a second"),
            "",
            page.fetches_a_second,
        )
        .against("the most that may be", FETCHES, 1.0),
    ]
}
