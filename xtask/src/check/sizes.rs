//! Files stay small enough to be read at once.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::{command::Program, project, say};

/// No file is longer.
const LINES_MAX: usize = 500;
/// Half of the files are shorter.
const MEDIAN_MAX: usize = 120;

/// Fails with the files that are too long.
pub(super) fn run() -> Result<()> {
    let files = Program::new("git")
        .args(["ls-files", "--", "*.rs", "*.ts", "*.svelte"])
        .output()?;
    let mut sizes = Vec::new();
    for file in files.lines().filter(|file| !file.contains("/generated/")) {
        // A file that is deleted but not committed is still listed.
        let path = project::root().join(file);
        if path.is_file() {
            let text =
                fs::read_to_string(&path).with_context(|| format!("{file} cannot be read"))?;
            sizes.push((text.lines().count(), file));
        }
    }
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).map_or(0, |(lines, _)| *lines);
    let longest = sizes.last().map_or(0, |(lines, _)| *lines);
    say::line(&format!(
        "  {} files, median {median} lines, longest {longest}",
        sizes.len()
    ));
    let long: Vec<_> = sizes
        .iter()
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, file)| format!("{file} ({lines})"))
        .collect();
    if !long.is_empty() {
        bail!("longer than {LINES_MAX} lines: {}", long.join(", "));
    }
    if median > MEDIAN_MAX {
        bail!("half of the files are longer than {MEDIAN_MAX} lines: divide some");
    }
    Ok(())
}
