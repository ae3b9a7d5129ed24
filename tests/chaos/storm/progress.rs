//! A word each minute about how far it is, for whoever waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::report;
use crate::checks::{Database, OpenWork};

const EVERY: Duration = Duration::from_mins(1);

/// It goes on by itself until it is told to end.
pub(super) struct Progress {
    until: SyncSender<()>,
    going: JoinHandle<()>,
}

impl Progress {
    /// Begins.
    pub(super) fn start(database_url: &str, began: Instant, faults: Arc<AtomicUsize>) -> Self {
        let database = Database::open(database_url);
        let (until, ended) = mpsc::sync_channel(0);
        let going = thread::spawn(move || {
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let faults = faults.load(Ordering::Relaxed);
                report::say_at(began, &word(database.open_work(), faults));
            }
        });
        Self { until, going }
    }

    /// Ends it.
    pub(super) fn end(self) {
        drop(self.until);
        self.going.join().unwrap();
    }
}

fn word(open: Option<OpenWork>, faults: usize) -> String {
    let jobs = open.map_or_else(
        || "the database does not answer".to_owned(),
        |open| open.to_string(),
    );
    format!("{jobs}; {faults} faults so far")
}
