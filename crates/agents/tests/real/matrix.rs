//! All scenarios with all agents.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    agent::{self, RealAgent},
    scenarios::{self, Scenario},
    table::{Cell, Table},
};

/// How many are played at once; most of the time is waiting.
const AT_ONCE: usize = 4;
/// Chooses among them, for work on one: words of agent and scenario, with a colon between.
const CHOICE: &str = "COORD_TEST_MATRIX";

#[tokio::test(flavor = "multi_thread")]
async fn every_agent_does_what_it_should() {
    let choice = std::env::var(CHOICE).unwrap_or_default();
    let (agent, scenario) = choice.split_once(':').unwrap_or((&choice, ""));
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut table = Table {
        agents: agent::ALL.iter().map(|real| real.title()).collect(),
        rows: Vec::new(),
    };
    let mut plays = JoinSet::new();
    for (row, played) in scenarios::ALL.iter().enumerate() {
        table
            .rows
            .push((played.words, vec![None; agent::ALL.len()]));
        for (column, real) in agent::ALL.iter().enumerate() {
            if real.title().contains(agent) && played.words.contains(scenario) {
                let turns = Arc::clone(&turns);
                plays.spawn(async move {
                    let turn = turns.acquire_owned().await.unwrap();
                    let cell = play(*real, played).await;
                    drop(turn);
                    (row, column, cell)
                });
            }
        }
    }
    while let Some(played) = plays.join_next().await {
        let (row, column, cell) = played.unwrap();
        table.rows[row].1[column] = Some(cell);
    }
    eprintln!("\n{}", table.text());
    let failures = table.failures();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    if choice.is_empty() {
        table.settle_document();
    }
}

async fn play(real: &'static dyn RealAgent, scenario: &'static Scenario) -> Cell {
    let begun = Instant::now();
    let mut task = JoinSet::new();
    task.spawn((scenario.play)(real));
    let seen = match task.join_next().await {
        Some(Ok(seen)) => Ok(seen),
        Some(Err(error)) => Err(words_of(error)),
        None => Err("it was not played".to_owned()),
    };
    // Rounded as it is shown.
    let took = Duration::from_millis(u64::try_from(begun.elapsed().as_millis()).unwrap());
    Cell { seen, took }
}

fn words_of(error: tokio::task::JoinError) -> String {
    if !error.is_panic() {
        return "it was given up".to_owned();
    }
    let why = error.into_panic();
    let words = why.downcast_ref::<String>().cloned();
    words
        .or_else(|| why.downcast_ref::<&str>().map(|words| (*words).to_owned()))
        .unwrap_or_else(|| "it broke without a word".to_owned())
}
