//! What is told to whoever plays it: what happened, where the logs are, how to have it again.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf, time::Duration};

use super::{Storm, submitter::Submitted};
use crate::checks::Found;

/// How many violations are shown; all of them stand in the folder.
const SHOWN_MAX: usize = 40;

/// Says what begins.
pub(super) fn begin(storm: &Storm) {
    let wishes = storm.wishes;
    say(&format!(
        "chaos: seed {}, {} jobs, {} runners, {} coordinators, {:?} of faults, in {}\n",
        wishes.seed,
        wishes.jobs,
        wishes.size.machines,
        wishes.size.coordinators,
        wishes.storm,
        storm.field.stage.path("").display()
    ));
}

/// Says what came of it; fails when something is wrong, and keeps the folder then.
pub(super) fn end(storm: &mut Storm, found: &Found, submitted: &Submitted, took: Duration) {
    let text = table(storm, found, submitted, took);
    say(&text);
    if found.violations.is_empty() {
        return;
    }
    let folder = storm.field.stage.keep();
    let violations: Vec<String> = found.violations.iter().map(ToString::to_string).collect();
    let all = format!("{text}\n{}\n", violations.join("\n"));
    fs::write(folder.join("violations.txt"), all).unwrap();
    panic!(
        "{} violations; the first:\n  {}\nall of it, with every log and what was done when \
         (diary.log): {}\nthe same again: {}",
        violations.len(),
        violations[..violations.len().min(SHOWN_MAX)].join("\n  "),
        kept(storm, folder).display(),
        again(storm)
    );
}

/// Keeps the folder of a run that did not come to its end.
pub(super) fn broke_off(storm: &mut Storm) {
    let folder = storm.field.stage.keep();
    // The one of a run with violations has its place already.
    if folder.exists() {
        let kept = kept(storm, folder);
        say(&format!(
            "broken off; every log and what was done when: {}\nthe same again: {}\n",
            kept.display(),
            again(storm)
        ));
    }
}

/// Where a folder of a failed run is left: its own place, or the one that was asked for.
fn kept(storm: &Storm, folder: PathBuf) -> PathBuf {
    let Some(wanted) = std::env::var_os("COORD_CHAOS_KEEP") else {
        return folder;
    };
    let to = PathBuf::from(wanted).join(format!("seed-{}", storm.wishes.seed));
    // Only within one file system; elsewhere it stays where it is.
    match fs::rename(&folder, &to) {
        Ok(()) => to,
        Err(_) => folder,
    }
}

fn again(storm: &Storm) -> String {
    let wishes = storm.wishes;
    format!(
        "cargo xtask chaos --seed {} --jobs {} --runners {} --coordinators {} --minutes {}{}",
        wishes.seed,
        wishes.jobs,
        wishes.size.machines,
        wishes.size.coordinators,
        (wishes.storm + wishes.calm).as_secs().div_ceil(60),
        if wishes.places { " --debug" } else { "" }
    )
}

fn table(storm: &Storm, found: &Found, submitted: &Submitted, took: Duration) -> String {
    let mut text = String::new();
    let faults: usize = storm.faults.values().sum();
    rows(
        &mut text,
        &format!("{faults} faults"),
        storm
            .faults
            .iter()
            .map(|(kind, count)| (kind.name(), *count)),
    );
    if storm.wishes.places {
        let title = format!(
            "{} of {} failpoints",
            storm.places.len(),
            failpoints::RUNNER.len() + failpoints::COORDINATOR.len()
        );
        let places = storm.places.iter().map(|(name, count)| (*name, *count));
        rows(&mut text, &title, places);
    }
    let jobs: usize = found.jobs.values().sum();
    rows(&mut text, &format!("{jobs} jobs"), words(&found.jobs));
    let attempts: usize = found.attempts.values().sum();
    rows(
        &mut text,
        &format!("{attempts} attempts"),
        words(&found.attempts),
    );
    let seen = [
        ("lines that agents said", found.lines),
        ("sessions taken up again", found.again),
        ("files read back", found.files),
        ("requests allowed", submitted.allowed),
        ("jobs called off", submitted.called_off),
        ("calls without a clear answer", submitted.unclear),
    ];
    rows(&mut text, "seen", seen.into_iter());
    let violations = found.violations.len();
    writeln!(
        text,
        "seed {}: {violations} violations, all over after {:.0} s",
        storm.wishes.seed,
        took.as_secs_f64()
    )
    .unwrap();
    text
}

fn words(of: &BTreeMap<String, usize>) -> impl Iterator<Item = (&str, usize)> {
    of.iter().map(|(word, count)| (word.as_str(), *count))
}

fn rows<'a>(text: &mut String, title: &str, rows: impl Iterator<Item = (&'a str, usize)>) {
    writeln!(text, "{title}").unwrap();
    for (name, count) in rows {
        writeln!(text, "  {name:<32} {count:>7}").unwrap();
    }
}

/// Whoever plays it for minutes wants to see it.
fn say(text: &str) {
    eprint!("{text}");
}
