//! One job: its end, its attempts, both ends of their records, and its files.

use protocol::record::{LogEntry, LogKind, log_line};
use serde_json::Value;

use super::{
    Found, Place, count,
    said::{self, Expected},
};
use crate::{field::machine::Machine, work::Work};

/// About which attempt, and what is wrong.
type Problem = (Option<String>, String);

/// Runs of bad luck after which a job is given up.
const UNLUCKY_MAX: usize = 3;

/// Everything that is wrong with a job.
pub(super) fn of_job(
    place: Place<'_>,
    work: &Work,
    view: &Value,
    found: &mut Found,
) -> Vec<Problem> {
    let attempts = view["attempts"].as_array().cloned().unwrap_or_default();
    let mut problems: Vec<Problem> = end(work, view, &attempts)
        .into_iter()
        .map(|what| (None, what))
        .collect();
    let mut free_at = 0;
    for attempt in &attempts {
        count(&mut found.attempts, &attempt["outcome"]);
        let id = text(&attempt["id"]);
        let mut wrong = Vec::new();
        let started = attempt["started_at"].as_i64().unwrap_or_default();
        if started < free_at {
            wrong.push("it began before the one before it had ended".to_owned());
        }
        free_at = attempt["ended_at"].as_i64().unwrap_or(i64::MAX);
        let machine = place
            .machines
            .iter()
            .find(|one| attempt["runner"] == one.name);
        match machine {
            Some(machine) => wrong.extend(record(place, work, view, attempt, machine, found)),
            None => wrong.push(format!("nobody knows the runner {}", attempt["runner"])),
        }
        problems.extend(wrong.into_iter().map(|what| (Some(id.clone()), what)));
    }
    if view["state"] == "done" {
        problems.extend(file(place, work, view, &attempts, found).map(|what| (None, what)));
    }
    problems
}

/// It ended exactly once, and for a reason.
fn end(work: &Work, view: &Value, attempts: &[Value]) -> Option<String> {
    let with = |outcome: &str| {
        let of = attempts
            .iter()
            .filter(|attempt| attempt["outcome"] == outcome);
        of.count()
    };
    let succeeded = with("succeeded");
    let unlucky = with("lost") + with("interrupted");
    match view["state"].as_str().unwrap_or_default() {
        "done" => {
            let last = attempts.last().map(|attempt| &attempt["outcome"]);
            (succeeded != 1 || last.is_none_or(|outcome| outcome != "succeeded"))
                .then(|| format!("done, and {succeeded} attempts succeeded"))
        }
        "cancelled" if work.called_off => None,
        "cancelled" => Some("nobody called it off".to_owned()),
        "failed" if unlucky >= UNLUCKY_MAX => None,
        // An agent that was killed again and again is given up by its runner.
        "failed"
            if attempts
                .last()
                .is_some_and(|last| last["outcome_detail"]["failure"]["class"] == "transient") =>
        {
            None
        }
        "failed" => {
            let last = attempts
                .last()
                .map(|last| &last["outcome_detail"]["failure"]);
            Some(format!("failed without bad luck: {last:?}"))
        }
        state => Some(format!(
            "it is {state} (hold: {}), and should be over",
            view["hold"]
        )),
    }
}

/// The record of one attempt, here and there.
fn record(
    place: Place<'_>,
    work: &Work,
    view: &Value,
    attempt: &Value,
    machine: &Machine,
    found: &mut Found,
) -> Vec<String> {
    let (job, id) = (text(&view["id"]), text(&attempt["id"]));
    let number = attempt["number"].as_u64().unwrap_or_default();
    let mut wrong = Vec::new();
    let log: Vec<LogEntry> = place.client.entries(&job, number, "log");
    let events: Vec<Value> = place.client.entries(&job, number, "events");
    let in_log = log.iter().map(|entry| Some(entry.n));
    let in_events = events.iter().map(|entry| entry["n"].as_u64());
    wrong.extend(gap("log", in_log));
    wrong.extend(gap("events", in_events));
    wrong.extend(other_log(machine, &id, &log));
    wrong.extend(other_events(attempt, machine, &id, &events));
    let spoken = log.iter().filter(|entry| entry.kind == LogKind::Text);
    let spoken: Vec<String> = spoken.map(|entry| entry.text.clone()).collect();
    let sessions: Vec<&Value> = events
        .iter()
        .map(|entry| &entry["event"])
        .filter(|event| event["type"] == "session_started")
        .collect();
    let again = sessions.len().saturating_sub(1);
    found.lines += spoken.len();
    found.again += again;
    let expected = Expected {
        says: &work.says,
        again,
        goes_on: sessions
            .first()
            .is_some_and(|first| first["resumed"] == true),
        to_the_end: attempt["outcome"] == "succeeded",
    };
    wrong.extend(said::wrong(expected, &spoken));
    wrong
}

/// Entries are numbered from 1, without a gap.
fn gap(stream: &str, numbers: impl Iterator<Item = Option<u64>>) -> Option<String> {
    let (number, n) = numbers
        .zip(1_u64..)
        .find(|(number, n)| *number != Some(*n))?;
    Some(format!(
        "entry {n} of its {stream} has the number {number:?}"
    ))
}

/// The coordinator has the log that stands on the machine's disk, to the byte.
fn other_log(machine: &Machine, id: &str, entries: &[LogEntry]) -> Option<String> {
    let there = machine.record(id, "log.ndjson").unwrap_or_default();
    let here: String = entries.iter().map(log_line).collect();
    (here != there).then(|| {
        let (here, there) = (here.lines().count(), there.lines().count());
        format!(
            "the log has {here} entries here and {there} on {}",
            machine.name
        )
    })
}

/// The coordinator has the events that stand on the machine's disk.
fn other_events(attempt: &Value, machine: &Machine, id: &str, entries: &[Value]) -> Option<String> {
    let there = machine.record(id, "events.ndjson").unwrap_or_default();
    // The last word of an attempt that was given to somebody else, or ended without its
    // runner, is refused.
    let refused = ["lost", "cancelled", "failed"];
    let may_miss = usize::from(refused.iter().any(|outcome| attempt["outcome"] == *outcome));
    let there: Vec<Value> = there
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let missing = there.len().checked_sub(entries.len());
    let alike = there.iter().zip(entries).all(|(one, other)| one == other);
    (!alike || missing.is_none_or(|missing| missing > may_miss)).then(|| {
        format!(
            "{} events here and {} on {}",
            entries.len(),
            there.len(),
            machine.name
        )
    })
}

/// What it handed back is there, as it was made.
fn file(
    place: Place<'_>,
    work: &Work,
    view: &Value,
    attempts: &[Value],
    found: &mut Found,
) -> Option<String> {
    let last = attempts.last()?["number"].as_u64();
    let files = view["artifacts"].as_array()?;
    let mut own = files
        .iter()
        .filter(|file| file["attempt_number"].as_u64() == last);
    let Some(content) = &work.artifact else {
        return own
            .next()
            .map(|file| format!("a file that nobody made: {file}"));
    };
    let Some(file) = own.find(|file| file["path"] == "result.txt") else {
        return Some("the file that it handed back is missing".to_owned());
    };
    found.files += 1;
    let path = format!("/api/v1/artifacts/{}/content", text(&file["id"]));
    match place.client.bytes(&path) {
        Ok(bytes) if bytes == content.as_bytes() => None,
        Ok(bytes) => Some(format!(
            "the file that it handed back is `{}`",
            String::from_utf8_lossy(&bytes)
        )),
        Err(error) => Some(format!("the file that it handed back: {error:#}")),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
