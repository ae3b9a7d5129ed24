//! `cargo xtask run`: the whole product on this machine, with a first job.

mod desktop;
mod first;
mod place;
mod service;

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::{build, project, say};

use place::Place;
use service::Services;

/// Builds, starts everything, does the sample job once, and waits for Ctrl-C.
pub(crate) fn run(yes: bool, data: Option<PathBuf>, once: bool) -> Result<()> {
    build::run(false, yes)?;
    match data {
        Some(folder) => start(&folder, once),
        None => start(&project::data()?.join("run"), once),
    }
}

/// The same with what is built already.
pub(crate) fn start(folder: &Path, once: bool) -> Result<()> {
    let stop = stop_signal()?;
    let place = Place::open(folder)?;
    let mut services = Services::default();
    let done = start_all(&place, &mut services, once);
    if done.is_ok() && !once {
        wait(&stop, &mut services)?;
    }
    say::step("Stopping");
    let stopped = services.stop(&place);
    done?;
    stopped?;
    say::line(&format!(
        "Everything is kept in {}",
        place.folder().display()
    ));
    Ok(())
}

fn start_all(place: &Place, services: &mut Services, once: bool) -> Result<()> {
    let password = first::owner(place)?;
    say::step("Coordinator");
    let url = services.coordinator(place)?;
    if let Some(password) = &password {
        first::sign_in(place, &url, password)?;
    }
    say::step("Runner");
    services.runner(place, &url)?;
    if password.is_some() {
        say::step("A first job");
        first::sample_job(place)?;
    }
    if !once {
        services.window(place)?;
    }
    say::step("Ready");
    say::line(&format!("  Web app      {url}"));
    say::line(&format!("  Account      {}", first::EMAIL));
    match &password {
        Some(password) => say::line(&format!(
            "  Password     {password}   (shown only now: keep it)"
        )),
        None => say::line("  Password     as it was shown at the first run"),
    }
    say::line(&format!("  Data         {}", place.folder().display()));
    say::line(&format!(
        "  Command line COORD_CONFIG={} {} --help",
        place.config().display(),
        place.coord().display()
    ));
    if !once {
        say::line("Ctrl-C stops everything.");
    }
    Ok(())
}

/// Ctrl-C and a request to stop come through this.
fn stop_signal() -> Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    ctrlc::set_handler(move || {
        // One wish to stop is enough; a second one finds the first still there.
        sender.try_send(()).ok();
    })
    .or_else(|error| match error {
        // The tests run this twice in one process.
        ctrlc::Error::MultipleHandlers => Ok(()),
        other => Err(other),
    })
    .context("Ctrl-C cannot be heard")?;
    Ok(receiver)
}

/// Waits until somebody wants to stop, or a part of it ends by itself.
fn wait(stop: &mpsc::Receiver<()>, services: &mut Services) -> Result<()> {
    while let Err(mpsc::RecvTimeoutError::Timeout) = stop.recv_timeout(Duration::from_millis(500)) {
        services.look()?;
    }
    Ok(())
}
