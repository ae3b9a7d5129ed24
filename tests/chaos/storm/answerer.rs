//! Whoever answers what agents ask, as long as there is anybody who asks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::field::client::Client;

const LOOK_EVERY: Duration = Duration::from_millis(150);

/// It goes on by itself until it is told to end.
pub(super) struct Answerer {
    end: Arc<AtomicBool>,
    going: JoinHandle<usize>,
}

impl Answerer {
    /// Begins.
    pub(super) fn start(client: &Client) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let (client, heard) = (client.twin(1), Arc::clone(&end));
        let going = thread::spawn(move || {
            let mut allowed = 0;
            while !heard.load(Ordering::Relaxed) {
                allowed += client.allow_everything().unwrap_or(0);
                thread::sleep(LOOK_EVERY);
            }
            allowed
        });
        Self { end, going }
    }

    /// Ends it; says how many requests it allowed.
    pub(super) fn end(self) -> usize {
        self.end.store(true, Ordering::Relaxed);
        self.going.join().unwrap()
    }
}
