//! The processes that go on: coordinator, runner, window.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{desktop, place::Place};
use crate::{command::Program, say};

/// Longest wait for a process to be ready, on a busy machine.
const READY: Duration = Duration::from_mins(1);
/// Longest wait for a process to end after it was asked.
const END: Duration = Duration::from_secs(20);
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// What has been started, in the order of starting.
#[derive(Default)]
pub(super) struct Services {
    coordinator: Option<Child>,
    runner: Option<Child>,
    window: Option<Child>,
}

impl Services {
    /// Starts the coordinator, and comes back with its address.
    pub(super) fn coordinator(&mut self, place: &Place) -> Result<String> {
        let log = log(place, "coordinator.log")?;
        let listen = format!("127.0.0.1:{}", place.port());
        let program = place
            .command(&["server", "--json", "--listen", &listen, "--data"])
            .args([place.coordinator()]);
        let mut child = program.spawn(|command| {
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(log);
            own_group(command);
        })?;
        let output = child.stdout.take();
        self.coordinator = Some(child);
        let line = first_line(output.context("the coordinator has no output")?)
            .with_context(|| see(place, "coordinator.log"))?;
        let ready: Value =
            serde_json::from_str(&line).with_context(|| see(place, "coordinator.log"))?;
        let url = ready["url"].as_str();
        Ok(url.context("the coordinator names no address")?.to_owned())
    }

    /// Starts the runner's service, and waits until it is online.
    pub(super) fn runner(&mut self, place: &Place, url: &str) -> Result<()> {
        let log = log(place, "runner.log")?;
        let program = place
            .command(&["runner", "start", "--no-input", "--server", url, "--data"])
            .args([place.runner()])
            .args(["--workspace-dir"])
            .args([place.jobs()]);
        let child = program.spawn(|command| {
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log);
            own_group(command);
        })?;
        self.runner = Some(child);
        let since = Instant::now();
        loop {
            if let Some(status) = ended(&mut self.runner)? {
                bail!("the runner ended: {status}; {}", see(place, "runner.log"));
            }
            if is_online(place) {
                return Ok(());
            }
            if since.elapsed() > READY {
                bail!(
                    "the runner is not online after {} s; {}",
                    READY.as_secs(),
                    see(place, "runner.log")
                );
            }
            thread::sleep(LOOK);
        }
    }

    /// Opens the window, where somebody can see it.
    pub(super) fn window(&mut self, place: &Place) -> Result<()> {
        self.window = desktop::start(place, || log(place, "window.log"))?;
        Ok(())
    }

    /// Fails when coordinator or runner have ended by themselves.
    pub(super) fn look(&mut self) -> Result<()> {
        if let Some(status) = ended(&mut self.coordinator)? {
            bail!("the coordinator ended by itself: {status}");
        }
        if let Some(status) = ended(&mut self.runner)? {
            bail!("the runner ended by itself: {status}");
        }
        Ok(())
    }

    /// Ends everything, the newest first.
    pub(super) fn stop(&mut self, place: &Place) -> Result<()> {
        if let Some(window) = self.window.take() {
            terminate(window, "the window")?;
        }
        if let Some(runner) = self.runner.take() {
            // Agents of jobs under way are ended too: the folder may be used by nobody afterwards.
            let asked = place
                .command(&["runner", "stop", "--now", "--data"])
                .args([place.runner()])
                .quiet()
                .succeeds();
            if asked {
                wait(runner, "the runner")?;
            } else {
                terminate(runner, "the runner")?;
            }
        }
        match self.coordinator.take() {
            Some(coordinator) => terminate(coordinator, "the coordinator"),
            None => Ok(()),
        }
    }
}

fn is_online(place: &Place) -> bool {
    let status = place
        .command(&["runner", "status", "--json", "--data"])
        .args([place.runner()])
        .quiet()
        .output();
    let status = status
        .ok()
        .and_then(|text| serde_json::from_str::<Value>(&text).ok());
    status.is_some_and(|status| status["state"] == "online")
}

fn ended(child: &mut Option<Child>) -> Result<Option<ExitStatus>> {
    match child {
        Some(child) => child.try_wait().context("a process cannot be looked at"),
        None => Ok(None),
    }
}

/// Asks a process to end, and waits until it has.
fn terminate(child: Child, name: &str) -> Result<()> {
    let id = child.id().to_string();
    Program::new("kill").args(["-TERM", &id]).quiet().succeeds();
    wait(child, name)
}

fn wait(mut child: Child, name: &str) -> Result<()> {
    let since = Instant::now();
    while child.try_wait()?.is_none() {
        if since.elapsed() > END {
            say::warning(&format!("{name} did not end in time and is killed"));
            child.kill()?;
            child.wait()?;
            break;
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// The first line that a process prints.
fn first_line(output: impl std::io::Read + Send + 'static) -> Result<String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut lines = BufReader::new(output).lines();
        // Nobody waits any more when the time was up.
        drop(sender.send(lines.next()));
        // What follows is read on, so that the process never waits for a reader.
        lines.for_each(drop);
    });
    match receiver.recv_timeout(READY) {
        Ok(Some(line)) => line.context("its first line cannot be read"),
        Ok(None) => bail!("it ended without a word"),
        Err(_) => bail!("it is not ready after {} s", READY.as_secs()),
    }
}

/// Ctrl-C at the terminal must reach this program alone, which then stops the others in order.
fn own_group(command: &mut std::process::Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    drop(command);
}

fn log(place: &Place, name: &str) -> Result<File> {
    let path: &Path = &place.folder().join(name);
    let open = fs::OpenOptions::new().create(true).append(true).open(path);
    open.with_context(|| format!("{} cannot be written", path.display()))
}

fn see(place: &Place, name: &str) -> String {
    format!("see {}", place.folder().join(name).display())
}
