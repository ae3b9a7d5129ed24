//! The processes of a stage, as the system knows them.

use std::{fs, path::Path};

use crate::program::Run;

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
