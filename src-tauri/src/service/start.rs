//! Starts the service, detached from this app.

use std::{io, path::Path, time::Duration};

use control::{Client, StopMark};
use process::{Detached, Program, StartError};
use tokio::time::{Instant, sleep};

use super::install;
use crate::place::Place;

const READY_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const OUTPUT: &str = "start.log";

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotStarted {
    /// The program cannot be put in its place.
    #[error("The runner's program could not be installed: {0}.")]
    Install(#[source] io::Error),
    /// The system refuses to start it.
    #[error("The runner service could not be started: {0}.")]
    Start(#[from] StartError),
    /// It was started, and does not answer.
    #[error("The runner service was started but does not answer. {0}")]
    Silent(String),
}

/// Starts the service and waits until it answers, or has answered and was told to
/// stop; its process id, when it was this start that did it.
pub(super) async fn start(place: &Place, mark: &StopMark) -> Result<Option<u32>, NotStarted> {
    let (source, folder) = (install::bundled(), place.programs());
    let installed = tokio::task::spawn_blocking(move || install::install(&source?, &folder));
    let program = installed
        .await
        .map_err(io::Error::from)
        .flatten()
        .map_err(NotStarted::Install)?;
    let output = place.data().join(OUTPUT);
    // Only this start's words are of interest.
    let _ = tokio::fs::remove_file(&output).await;
    let program = Program::new(program)
        .inherit_environment()
        .arguments(["runner", "start", "--data"])
        .argument(place.data())
        .folder(place.data());
    let started = process::start_detached(
        &program,
        &Detached {
            output: Some(output.clone()),
        },
    )?;
    let give_up = Instant::now() + READY_WITHIN;
    while Instant::now() < give_up {
        // In this order: what a service that is gone has left behind is there already.
        let alive = process::is_alive(started);
        // One that was told to stop did answer, to somebody who was faster.
        if Client::connect(place.data()).await.is_ok() || mark.is_set() {
            return Ok(alive.then_some(started.pid));
        }
        if !alive {
            break;
        }
        sleep(LOOK_EVERY).await;
    }
    Err(NotStarted::Silent(last_words(&output).await))
}

async fn last_words(output: &Path) -> String {
    let text = tokio::fs::read_to_string(output).await.unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    match lines.last() {
        Some(line) => format!("It said: {}", crate::words::shortened(line, 300)),
        None => format!("Look into {}.", output.display()),
    }
}
