//! Files in the job's folder by which an agent is told what it may do without asking.
//!
//! Agents read them anew while they work: whoever may write them unasked may allow itself
//! everything. So they are put to a person, whatever is allowed for files or by a rule.

use super::{Places, path};

/// Folders and files in which agents keep settings, hooks and programs that they start.
const NAMES: [&str; 6] = [
    ".agents",
    ".claude",
    ".claude.json",
    ".codex",
    ".gemini",
    ".mcp.json",
];

/// Whether one of `paths`, which are resolved, or what it is a link to, steers an agent.
pub(super) fn touched(paths: &[String], places: &Places<'_>) -> bool {
    let links = places.links.iter();
    let real = links.filter(|(name, _)| paths.contains(name));
    let real = real.map(|(_, real)| path::canonical(real, places));
    let mut all = paths.iter().cloned().chain(real);
    let folder = path::canonical(places.folder, places);
    all.any(|path| {
        // Where the job's folder itself stands steers nothing.
        let below = path.strip_prefix(&folder).unwrap_or(&path);
        below.split('/').any(is_one)
    })
}

fn is_one(part: &str) -> bool {
    // Also where the system holds both for the same name.
    NAMES.iter().any(|name| part.eq_ignore_ascii_case(name))
}
