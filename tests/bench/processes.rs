//! What processes take, as the system tells it.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};

/// Ticks of a second in `/proc`; the same on every Linux that this runs on.
const TICKS_PER_SECOND: u64 = 100;

/// Memory of a process in megabytes, with what it shares divided among those that share it.
pub(crate) fn pss_mb(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/smaps_rollup");
    let rollup = fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: f64 = kilobytes.context("no line for PSS")?.parse()?;
    Ok(kilobytes * 1024.0 / 1_000_000.0)
}

/// Processor time that a process has used so far.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a name in parentheses")?;
    let mut times = fields.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64> { Ok(times.next().context("a time")?.parse()?) };
    let ticks = ticks()? + ticks()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// A process and those that it started and that are still there.
pub(crate) fn with_children(pid: u32) -> Result<Vec<u32>> {
    let mut all = vec![pid];
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let children = fs::read_to_string(task?.path().join("children"))?;
        let children = children.split_whitespace().map(str::parse);
        all.extend(children.collect::<Result<Vec<u32>, _>>()?);
    }
    Ok(all)
}

/// Every process whose environment holds `variable` with `value`, by id and the name of its program.
pub(crate) fn marked(variable: &str, value: &str) -> Vec<(u32, String)> {
    let wanted = format!("{variable}={value}");
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| has(*id, wanted.as_bytes()))
        .filter_map(|id| Some((id, program(id)?)))
        .collect()
}

fn has(pid: u32, wanted: &[u8]) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|one| one == wanted)
}

fn program(pid: u32) -> Option<String> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(Path::new(&path).file_name()?.to_string_lossy().into_owned())
}
