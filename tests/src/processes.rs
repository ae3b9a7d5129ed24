//! The processes of a stage, as the system knows them.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::program::Run;

/// How long a program may take to end after a signal, on a busy machine.
const END_MAX: Duration = Duration::from_mins(1);
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// A process that belongs to a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub id: u32,
    /// Its command line.
    pub command: String,
    /// Where it works.
    pub folder: PathBuf,
}

impl Process {
    /// Whether it is the worker of an attempt, and not one that waits for an assignment.
    pub fn is_worker(&self) -> bool {
        let attempts = self.folder.parent().and_then(Path::file_name);
        self.command.contains(" worker") && attempts.is_some_and(|name| name == "attempts")
    }
}

/// Every process that works below `folder` or names it on its command line.
pub fn below(folder: &Path) -> Vec<Process> {
    let own = std::process::id();
    let name = folder.to_string_lossy();
    all()
        .filter(|process| process.id != own)
        // What has ended and is not yet collected has no command line.
        .filter(|process| !process.command.is_empty())
        .filter(|process| process.folder.starts_with(folder) || process.command.contains(&*name))
        .collect()
}

fn all() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let at = entry.path();
        let command = fs::read(at.join("cmdline")).ok()?;
        Some(Process {
            id: entry.file_name().to_str()?.parse().ok()?,
            command: String::from_utf8_lossy(&command).replace('\0', " "),
            // None is known of a process of somebody else.
            folder: fs::read_link(at.join("cwd")).unwrap_or_default(),
        })
    })
}

/// Sends a signal, such as `KILL` or `TERM`, to a process of a test.
pub fn signal(id: u32, signal: &str) {
    Run::new(Path::new("/bin/kill"))
        .args([format!("-{signal}"), id.to_string()])
        .run();
}

/// Sends a process a signal after which it has to be gone; see [`gone`].
pub fn end(child: &mut Child, with: &str) -> Result<Option<ExitStatus>> {
    signal(child.id(), with);
    gone(child)
}

/// Waits for the end of a process; one that stays is killed, and there is no status then.
pub fn gone(child: &mut Child) -> Result<Option<ExitStatus>> {
    let until = Instant::now() + END_MAX;
    while Instant::now() < until {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(LOOK);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// The address on which a process listens.
pub fn listening(process: u32) -> Option<SocketAddr> {
    let sockets: Vec<String> = fs::read_dir(format!("/proc/{process}/fd"))
        .ok()?
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|link| {
            let link = link.to_string_lossy().into_owned();
            Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let table = fs::read_to_string(format!("/proc/{process}/net/tcp")).ok()?;
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let listens = columns.get(3) == Some(&"0A");
        let is_its_own = sockets
            .iter()
            .any(|socket| Some(&socket.as_str()) == columns.get(9));
        let (_, port) = columns.get(1)?.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        (listens && is_its_own).then(|| ([127, 0, 0, 1], port).into())
    })
}

/// Every process of which the environment has `variable`, with its value.
pub fn with_variable(variable: &str) -> Vec<(Process, String)> {
    all()
        .filter_map(|process| {
            let environment = fs::read(format!("/proc/{}/environ", process.id)).ok()?;
            let value = environment.split(|byte| *byte == 0).find_map(|one| {
                let (name, value) = std::str::from_utf8(one).ok()?.split_once('=')?;
                (name == variable).then(|| value.to_owned())
            })?;
            Some((process, value))
        })
        .collect()
}
