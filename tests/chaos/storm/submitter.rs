//! Whoever submits the jobs meanwhile, answers what agents ask, and calls some jobs off.

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
    /// Requests of agents that were allowed.
    pub(crate) allowed: usize,
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
        let (client, heard) = (client.twin(), Arc::clone(&told));
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
    while !told.end.load(Ordering::Relaxed) {
        // All of them in the first two thirds, so that there is work whenever something breaks.
        let share = began.elapsed().as_secs_f64() / (wishes.storm.as_secs_f64() * 2.0 / 3.0);
        let wanted = if told.hurry.load(Ordering::Relaxed) {
            wishes.jobs
        } else {
            part(wishes.jobs, share)
        };
        let unclear = done.unclear;
        if number < wanted {
            let work = Work::of(wishes.seed, number);
            if let Some(id) = submit(client, &work, &mut done) {
                if work.called_off {
                    let after = Duration::from_millis(500 + 37 * (number as u64 % 60));
                    to_call_off.insert(number, (id, Instant::now() + after));
                }
                number += 1;
                told.submitted.store(number, Ordering::Relaxed);
            }
        }
        done.allowed += client.allow_everything().unwrap_or(0);
        to_call_off.retain(|_, (id, at)| {
            let path = format!("/api/v1/jobs/{id}/cancel");
            let due = Instant::now() >= *at;
            let gone = due && (client.post(&path, &Value::Null).is_ok() || is_over(client, id));
            done.called_off += usize::from(gone);
            !gone
        });
        if number >= wanted || done.unclear > unclear {
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

/// Submits a job; when it is not known whether that was done, looks for it first.
fn submit(client: &Client, work: &Work, done: &mut Submitted) -> Option<String> {
    let title = title(work.number);
    let made = client.submit(&title, &work.instructions).or_else(|_| {
        done.unclear += 1;
        found(client, &title)
    });
    done.jobs += usize::from(made.is_ok());
    made.ok()
}

/// The job of this title, when there is one already.
fn found(client: &Client, title: &str) -> Result<String> {
    let path = in_workspace(&format!("jobs?search={}", title.replace(' ', "%20")));
    let list = client.get(&path)?;
    let first = list["jobs"].as_array().and_then(|jobs| jobs.first());
    let id = first.and_then(|job| job["id"].as_str());
    Ok(id.context("no such job")?.to_owned())
}
