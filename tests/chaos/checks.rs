//! What must hold when all is over, whatever went wrong meanwhile.

mod database;
mod left;
mod records;
pub(crate) mod said;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde_json::Value;

use crate::{
    field::{Field, client::Client, machine::Machine},
    work,
};

pub(crate) use database::{Database, OpenWork};
pub(crate) use left::{nobody_stayed, nothing_is_left, nothing_panicked};

/// How many records are read at the same time.
const READERS: usize = 6;

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The job's title, where it is about one.
    pub(crate) job: Option<String>,
    /// The attempt's id, where it is about one.
    pub(crate) attempt: Option<String>,
    /// What is wrong.
    pub(crate) what: String,
}

impl Violation {
    /// About everything.
    pub(crate) fn of_all(what: impl Into<String>) -> Self {
        Self {
            job: None,
            attempt: None,
            what: what.into(),
        }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let job = self.job.as_deref().unwrap_or("all jobs");
        write!(f, "{job}")?;
        if let Some(attempt) = &self.attempt {
            write!(f, ", attempt {attempt}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What was looked at.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Jobs by their end.
    pub(crate) jobs: BTreeMap<String, usize>,
    /// Attempts by their outcome.
    pub(crate) attempts: BTreeMap<String, usize>,
    /// Lines that agents said, as they stand in the logs.
    pub(crate) lines: usize,
    /// How often an agent took up a session again.
    pub(crate) again: usize,
    /// Files that were read back.
    pub(crate) files: usize,
    /// What is wrong.
    pub(crate) violations: Vec<Violation>,
}

impl Found {
    /// With what somebody else looked at.
    fn and(mut self, other: Self) -> Self {
        let added = |to: &mut BTreeMap<String, usize>, of: BTreeMap<String, usize>| {
            for (word, count) in of {
                *to.entry(word).or_default() += count;
            }
        };
        added(&mut self.jobs, other.jobs);
        added(&mut self.attempts, other.attempts);
        self.lines += other.lines;
        self.again += other.again;
        self.files += other.files;
        self.violations.extend(other.violations);
        self
    }
}

/// Where records stand: at the coordinators and on the machines.
#[derive(Clone, Copy)]
struct Place<'a> {
    client: &'a Client,
    machines: &'a [Machine],
}

/// Looks at every job, every attempt, both ends of every record, and the database.
pub(crate) fn everything(field: &Field, seed: u64) -> Found {
    let database = Database::open(&field.database_url);
    let mut jobs = database.jobs();
    jobs.sort_by(|one, other| one.1.cmp(&other.1));
    let next = AtomicUsize::new(0);
    let look = &|client: &Client| {
        let machines = &field.machines;
        let mut found = Found::default();
        while let Some((id, title)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            one(Place { client, machines }, seed, id, title, &mut found);
        }
        found
    };
    let mut found = thread::scope(|all| {
        let readers: Vec<_> = (0..READERS)
            .map(|number| {
                let client = field.client.twin(number);
                all.spawn(move || look(&client))
            })
            .collect();
        let found = readers.into_iter().map(|reader| reader.join().unwrap());
        found.fold(Found::default(), Found::and)
    });
    found
        .violations
        .sort_by(|one, other| one.job.cmp(&other.job));
    found.violations.extend(database.violations());
    found
}

/// Looks at one of many jobs.
fn one(place: Place<'_>, seed: u64, id: &str, title: &str, found: &mut Found) {
    let view = place.client.job(id);
    let problems = match work::number_in(title) {
        Some(number) => {
            let work = work::Work::of(seed, number);
            records::of_job(place, &work, &view, found)
        }
        None => vec![(None, "a job that nobody submitted".to_owned())],
    };
    count(&mut found.jobs, &view["state"]);
    let violations = problems.into_iter().map(|(attempt, what)| Violation {
        job: Some(title.to_owned()),
        attempt,
        what,
    });
    found.violations.extend(violations);
}

/// Looks at one job alone; says how many attempts it took.
pub(crate) fn job_is_well(field: &Field, job: &work::Work, id: &str) -> usize {
    let view = field.client.job(id);
    let place = Place {
        client: &field.client,
        machines: &field.machines,
    };
    let problems = records::of_job(place, job, &view, &mut Found::default());
    assert!(problems.is_empty(), "{problems:#?}\n{view:#}");
    view["attempts"].as_array().map_or(0, Vec::len)
}

fn count(of: &mut BTreeMap<String, usize>, word: &Value) {
    let word = word.as_str().unwrap_or("none").to_owned();
    *of.entry(word).or_default() += 1;
}
