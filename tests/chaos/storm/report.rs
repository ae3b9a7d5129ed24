//! What is told to whoever plays it: what happened, where the logs are, how to have it again.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf, time::Instant};

use super::{Storm, Wishes, submitter::Submitted};
use crate::checks::Found;

/// How many violations are shown; all of them stand in the folder.
const SHOWN_MAX: usize = 40;

/// Says what is about to be played: before anything else, so that it can be had again whatever comes.
pub(super) fn announce(wishes: Wishes) {
    say(&format!(
        "chaos: seed {}, {} jobs, {} runners, {} coordinators, {:?} of faults\n",
        wishes.seed, wishes.jobs, wishes.size.machines, wishes.size.coordinators, wishes.storm
    ));
}

/// Says that it begins, and where.
pub(super) fn begin(storm: &Storm) {
    let folder = storm.field.stage.path("");
    let what = format!(
        "every machine is online; all of it is in {}",
        folder.display()
    );
    say_at(storm.began, &what);
}

/// Says something, with the time since the beginning.
pub(super) fn say_at(began: Instant, what: &str) {
    let passed = began.elapsed().as_secs();
    say(&format!("{:>3}:{:02}  {what}\n", passed / 60, passed % 60));
}

/// Says what came of it; fails when something is wrong, and keeps the folder then.
pub(super) fn end(storm: &mut Storm, found: &Found, submitted: Submitted, allowed: usize) {
    let text = table(storm, found, submitted, allowed);
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
    let all = wishes.limit.unwrap_or(wishes.storm + wishes.calm);
    let minutes = all.as_secs().div_ceil(60);
    format!(
        "cargo xtask chaos --seed {} --jobs {} --runners {} --coordinators {} --minutes {}{}",
        wishes.seed,
        wishes.jobs,
        wishes.size.machines,
        wishes.size.coordinators,
        minutes,
        if wishes.places { " --debug" } else { "" }
    )
}

fn table(storm: &Storm, found: &Found, submitted: Submitted, allowed: usize) -> String {
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
            failpoints::RUNNER.len() + failpoints::WORKER.len() + failpoints::COORDINATOR.len()
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
        ("requests allowed", allowed),
        ("jobs called off", submitted.called_off),
        ("calls without a clear answer", submitted.unclear),
        ("transactions in a circle", circles(storm)),
    ];
    rows(&mut text, "seen", seen.into_iter());
    let violations = found.violations.len();
    let took = storm.began.elapsed().as_secs();
    writeln!(
        text,
        "seed {}: {jobs} jobs in {attempts} attempts under {faults} faults, everything read, \
         in {}:{:02} minutes: {violations} violations",
        storm.wishes.seed,
        took / 60,
        took % 60
    )
    .unwrap();
    text
}

/// How often the database broke off a transaction since two waited for each other. It is run
/// again, but whoever asked has waited for a second.
fn circles(storm: &Storm) -> usize {
    let said = storm.field.postgres.said().unwrap();
    said.matches("ERROR:  deadlock detected").count()
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
