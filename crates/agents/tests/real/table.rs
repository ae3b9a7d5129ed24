//! The table of what was seen, as it stands in the document.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

/// The heading in the document under which the table stands.
const HEADING: &str = "## Seen with the real ones\n";
/// What stands between what was seen and how long it took.
const SEPARATOR: &str = " · ";

/// What was seen of one agent in one scenario.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) seen: Result<String, String>,
    pub(crate) took: Duration,
}

/// Scenarios by agents.
pub(crate) struct Table {
    pub(crate) agents: Vec<&'static str>,
    pub(crate) rows: Vec<(&'static str, Vec<Option<Cell>>)>,
}

impl Table {
    /// The table as text; a cell that was not played is empty.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("| | {} |\n|", self.agents.join(" | "));
        for _ in 0..=self.agents.len() {
            text.push_str(" --- |");
        }
        text.push('\n');
        for (words, cells) in &self.rows {
            write!(text, "| {words} |").unwrap();
            for cell in cells {
                match cell {
                    Some(cell) => {
                        let seen = cell.seen.as_deref().unwrap_or("FAILED");
                        let seconds = cell.took.as_secs_f64();
                        write!(text, " {seen}{SEPARATOR}{seconds:.1} s |").unwrap();
                    }
                    None => text.push_str(" |"),
                }
            }
            text.push('\n');
        }
        text
    }

    /// What went wrong, one line each.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (words, cells) in &self.rows {
            for (agent, cell) in self.agents.iter().zip(cells) {
                if let Some(Err(why)) = cell.as_ref().map(|cell| &cell.seen) {
                    failures.push(format!("{agent}: {words}: {why}"));
                }
            }
        }
        failures
    }

    /// Compares the document with this but for the times; or writes it anew.
    pub(crate) fn settle_document(&self) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/agents.md");
        let document = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = document.split_once(HEADING).expect("the heading is there");
        let begin = rest.find("\n| |").expect("the table is there") + 1;
        let (words, rest) = rest.split_at(begin);
        let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
        let (table, after) = rest.split_at(end);
        let text = self.text();
        if std::env::var_os("COORD_WRITE_DOCS").is_some() {
            let document = [before, HEADING, words, &text, after].concat();
            std::fs::write(path, document).unwrap();
            return;
        }
        assert_eq!(
            without_times(table),
            without_times(&text),
            "docs/agents.md says something else; COORD_WRITE_DOCS=1 writes it anew"
        );
    }
}

fn without_times(table: &str) -> String {
    let cell = |cell: &str| {
        let seen = cell.split_once(SEPARATOR).map_or(cell, |(seen, _)| seen);
        seen.trim().to_owned()
    };
    let line = |line: &str| line.split('|').map(cell).collect::<Vec<_>>().join("|");
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_times_may_differ() {
    let one = "| a | yes · 1.0 s | sign-in, at once · 22.4 s |\n";
    let other = "| a | yes · 2.1 s | sign-in, at once · 0.4 s |\n";
    assert_eq!(without_times(one), without_times(other));
    assert_ne!(
        without_times(one),
        without_times(&other.replace("yes", "no"))
    );
}
