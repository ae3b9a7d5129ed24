//! Every test that `docs/reliability.md` names exists.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, Result, bail};

use crate::{command::Program, project, say};

/// Where promises stand beside the tests that show them.
const DOCUMENT: &str = "docs/reliability.md";

/// Fails with the names for which there is no test.
pub(super) fn run() -> Result<()> {
    let document = read(DOCUMENT)?;
    let names = named(&document);
    if names.is_empty() {
        bail!("{DOCUMENT} names no test at all; is it written in another way now?");
    }
    let files = Program::new("git")
        .args(["ls-files", "--", "*.rs"])
        .output()?;
    let mut missing = names.clone();
    for file in files.lines() {
        // A file that is deleted but not committed is still listed.
        if !project::root().join(file).is_file() {
            continue;
        }
        let text = read(file)?;
        missing.retain(|name| !text.lines().any(|line| defines(line, name)));
    }
    say::line(&format!("  {} tests are named", names.len()));
    if !missing.is_empty() {
        let missing: Vec<_> = missing.into_iter().collect();
        bail!(
            "{DOCUMENT} names tests that do not exist: {}; give them their new names, or write them",
            missing.join(", ")
        );
    }
    Ok(())
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(project::root().join(file)).with_context(|| format!("{file} cannot be read"))
}

/// Tests are named between backticks, at times with the module: their names are sentences.
fn named(document: &str) -> BTreeSet<&str> {
    let quoted = document
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let names = quoted.filter_map(|word| word.rsplit("::").next());
    names
        .filter(|name| {
            let is_name =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            name.contains('_') && !name.starts_with('_') && name.bytes().all(is_name)
        })
        .collect()
}

/// Whether a test of this name begins here: as a function, in a list of trials, or in a table.
fn defines(line: &str, name: &str) -> bool {
    let line = line.trim();
    if line.starts_with("//") {
        return false;
    }
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        let is_function = before.ends_with("fn ") && after.starts_with(['(', '<']);
        let is_trial = after.starts_with('"') && before.ends_with(['"', ':']);
        let is_row = before.is_empty() && after.starts_with(':');
        is_function || is_trial || is_row
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand_and_other_words_are_not() {
        let document = "| a | http `a_lost_answer`, `service::it_goes_on` | `synchronous=FULL`, \
                        `COORD_FAILPOINTS`, `…_on_postgresql`, `lifecycle`, `tests/chaos/some_file.rs` |";
        let all: Vec<_> = named(document).into_iter().collect();
        assert_eq!(all, ["a_lost_answer", "it_goes_on"]);
    }

    #[test]
    fn a_test_is_a_function_a_trial_or_a_row_and_no_remark() {
        for line in [
            "    async fn it_goes_on() {",
            "trial(\"service::it_goes_on\", it_goes_on),",
            "    \"it_goes_on\",",
            "    it_goes_on: runner_ends_at \"here\",",
        ] {
            assert!(defines(line, "it_goes_on"), "{line}");
        }
        for line in [
            "// fn it_goes_on()",
            "fn it_goes_on_for_ever() {",
            "fn that_it_goes_on() {",
            "it_goes_on();",
            "\"it_goes_on_for_ever\",",
        ] {
            assert!(!defines(line, "it_goes_on"), "{line}");
        }
    }
}
