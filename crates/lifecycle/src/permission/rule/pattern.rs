//! Patterns of paths within a job's folder.

use super::{NotARule, TEXT_CHARS_MAX};

/// A pattern for what lies beside `path`: its directory with all below, or the file itself.
pub(super) fn beside(path: &str) -> String {
    path.rsplit_once('/')
        .map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/**"))
}

/// The place of the file at `path` within the job's folder, for which [`beside`] gave `pattern`.
pub(super) fn place_of(path: &str, pattern: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    match pattern.strip_suffix("**") {
        Some(folder) => format!("{folder}{name}"),
        None => pattern.to_owned(),
    }
}

/// Whether a pattern may stand in a rule.
pub(super) fn check(pattern: &str) -> Result<(), NotARule> {
    if pattern.trim().is_empty() {
        return Err(NotARule::Empty);
    }
    if pattern.chars().count() > TEXT_CHARS_MAX {
        return Err(NotARule::TooLong);
    }
    if pattern.contains(['?', '[', ']', '{', '}', '$', '`', '\\', ':'])
        || pattern.chars().any(char::is_control)
    {
        return Err(NotARule::Signs);
    }
    let parts: Vec<&str> = pattern.split('/').collect();
    let leads_out = parts
        .iter()
        .any(|part| matches!(*part, "" | "." | ".." | ".git" | "~"));
    // Everything in the folder is what the level *accept edits* says.
    let covers_all = parts.iter().all(|part| part.chars().all(|c| c == '*'));
    let odd = parts
        .iter()
        .any(|part| part.contains("**") && *part != "**");
    if leads_out || covers_all || odd {
        return Err(NotARule::NotInFolder);
    }
    Ok(())
}

/// Whether `path`, from the folder on, fits.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    // A pattern must name what decides over git and its kin; `**` alone does not reach it.
    !path.contains(&".git") && parts_match(&pattern, &path)
}

fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            // One name at least: `src/**` does not mean `src` itself.
            (1..=path.len()).any(|taken| {
                path.get(taken..)
                    .is_some_and(|left| parts_match(rest, left))
            })
        }
        (Some((part, rest)), Some((name, left))) => {
            name_matches(part, name) && parts_match(rest, left)
        }
        _ => false,
    }
}

/// Whether a single name fits; `*` stands for any part of it.
fn name_matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
