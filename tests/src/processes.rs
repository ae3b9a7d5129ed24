//! The processes of a stage, as the system knows them.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
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
}

/// Every process that works below `folder` or names it on its command line.
pub fn below(folder: &Path) -> Vec<Process> {
    let own = std::process::id();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| *id != own)
        .filter_map(|id| process(id, folder))
        .collect()
}

fn process(id: u32, folder: &Path) -> Option<Process> {
    let at = Path::new("/proc").join(id.to_string());
    let command = fs::read(at.join("cmdline")).ok()?;
    // What has ended and is not yet collected has no command line.
    if command.is_empty() {
        return None;
    }
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    let works_there = fs::read_link(at.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
    let names_it = command.contains(&*folder.to_string_lossy());
    (works_there || names_it).then_some(Process { id, command })
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
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).ok()?;
        let value = environment.split(|byte| *byte == 0).find_map(|one| {
            let (name, value) = std::str::from_utf8(one).ok()?.split_once('=')?;
            (name == variable).then(|| value.to_owned())
        })?;
        let command = fs::read(format!("/proc/{id}/cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        Some((Process { id, command }, value))
    })
    .collect()
}
