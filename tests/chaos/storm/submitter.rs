//! Whoever submits the jobs meanwhile, and calls some of them off.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Wishes;
use crate::{
    field::client::{Client, in_workspace},
    work::{Work, title},
};

const LOOK_EVERY: Duration = Duration::from_millis(150);

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Submitted {
    /// Jobs of which it is known that they were made.
    pub(crate) jobs: usize,
    /// Calls of which it was not known whether they had done anything.
    pub(crate) unclear: usize,
    /// Jobs that were called off.
    pub(crate) called_off: usize,
}

/// It goes on by itself until it is told to end.
pub(crate) struct Submitter {
    wishes: Wishes,
    told: Arc<Told>,
    going: JoinHandle<Submitted>,
}

#[derive(Debug, Default)]
struct Told {
    /// Submit what is left.
    hurry: AtomicBool,
    end: AtomicBool,
    submitted: AtomicUsize,
}

impl Submitter {
    /// Begins.
    pub(crate) fn start(client: &Client, wishes: Wishes) -> Self {
        let told = Arc::new(Told::default());
        let (client, heard) = (client.twin(0), Arc::clone(&told));
        let going = thread::spawn(move || go_on(&client, wishes, &heard));
        Self {
            wishes,
            told,
            going,
        }
    }

    /// Lets it submit at once what is left.
    pub(crate) fn hurry(&self) {
        self.told.hurry.store(true, Ordering::Relaxed);
    }

    /// Whether every job was submitted.
    pub(crate) fn has_submitted_all(&self) -> bool {
        self.told.submitted.load(Ordering::Relaxed) == self.wishes.jobs
    }

    /// Ends it; says what came of all of it.
    pub(crate) fn end(self) -> Submitted {
        self.told.end.store(true, Ordering::Relaxed);
        self.going.join().unwrap()
    }
}

fn go_on(client: &Client, wishes: Wishes, told: &Told) -> Submitted {
    let began = Instant::now();
    let mut done = Submitted::default();
    let mut to_call_off: HashMap<usize, (String, Instant)> = HashMap::new();
    let mut number = 0;
    let mut is_unclear = false;
    while !told.end.load(Ordering::Relaxed) {
        // All of them in the first nine tenths: nearly until the end there is work that breaks.
        let share = began.elapsed().as_secs_f64() / (wishes.storm.as_secs_f64() * 0.9);
        let wanted = if told.hurry.load(Ordering::Relaxed) {
            wishes.jobs
        } else {
            part(wishes.jobs, share)
        };
        if number < wanted {
            let work = Work::of(wishes.seed, number);
            let made = submit(client, &work, is_unclear, &mut done);
            is_unclear = made.is_none();
            if let Some(id) = made {
                if work.called_off {
                    let after = Duration::from_millis(500 + 37 * (number as u64 % 60));
                    to_call_off.insert(number, (id, Instant::now() + after));
                }
                number += 1;
                told.submitted.store(number, Ordering::Relaxed);
            }
        }
        to_call_off.retain(|_, (id, at)| {
            let path = format!("/api/v1/jobs/{id}/cancel");
            let due = Instant::now() >= *at;
            let gone = due && (client.post(&path, &Value::Null).is_ok() || is_over(client, id));
            done.called_off += usize::from(gone);
            !gone
        });
        if number >= wanted || is_unclear {
            thread::sleep(LOOK_EVERY);
        }
    }
    done
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a few thousand jobs"
)]
fn part(jobs: usize, share: f64) -> usize {
    ((jobs as f64 * share) as usize).min(jobs)
}

fn is_over(client: &Client, id: &str) -> bool {
    let job = client.get(&format!("/api/v1/jobs/{id}"));
    job.is_ok_and(|job| {
        let state = job["state"].as_str().unwrap_or_default().to_owned();
        ["done", "failed", "cancelled"].contains(&&*state)
    })
}

/// Submits a job, unless it is there already: after a call without a clear answer it may be.
fn submit(client: &Client, work: &Work, look_first: bool, done: &mut Submitted) -> Option<String> {
    let title = title(work.number);
    let there = if look_first {
        found(client, &title).ok()?
    } else {
        None
    };
    let made = match there {
        Some(id) => Ok(id),
        None => client.submit(&title, &work.instructions),
    };
    done.jobs += usize::from(made.is_ok());
    done.unclear += usize::from(made.is_err());
    made.ok()
}

/// The job of this title, when there is one already.
fn found(client: &Client, title: &str) -> Result<Option<String>> {
    let path = in_workspace(&format!("jobs?search={}", title.replace(' ', "%20")));
    let list = client.get(&path)?;
    let jobs = list["jobs"].as_array().context("a list")?;
    let id = jobs.first().and_then(|job| job["id"].as_str());
    Ok(id.map(ToOwned::to_owned))
}
