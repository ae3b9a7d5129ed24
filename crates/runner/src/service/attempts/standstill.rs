//! An attempt whose record cannot be written stands still, says so, and goes on by itself.

use std::{io, time::Duration};

use lifecycle::retry::Backoff;

use super::life::Place;
use crate::{disk, folder::AttemptFolder};

/// What keeps the runner from taking work while an attempt stands still.
const CODE: &str = "record_unwritable";
/// Waits before the disk is tried again.
const WAITS: Backoff = Backoff {
    first_ms: 500,
    max_ms: 10_000,
    tries_max: None,
};

/// Lives the attempt to its end; while the disk refuses, nothing of it is given up.
pub(crate) async fn live(mut place: Place) {
    let mut failures = 0;
    while let Err(error) = place.run().await {
        say(&place, &error);
        loop {
            failures += 1;
            let wait = WAITS.delay_ms(failures, rand::random_range(0..=1000), None);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if can_be_written(place.entry.folder.clone()).await {
                break;
            }
        }
        place.shared.trouble(CODE, None);
    }
}

fn say(place: &Place, error: &io::Error) {
    let id = place.entry.id();
    tracing::error!(attempt = %id, %error, "an attempt stands still: its record cannot be written");
    let message = format!(
        "The record of an attempt cannot be written: {error}. Make room on the disk of {}, and see \
         who may write there; the attempt goes on by itself.",
        place.shared.data.display()
    );
    place.shared.trouble(CODE, Some(message));
    place.shared.recheck.notify_one();
}

/// Only writing shows whether there is room again.
async fn can_be_written(folder: AttemptFolder) -> bool {
    let write = move || {
        std::fs::create_dir_all(folder.path())?;
        disk::probe(folder.path())
    };
    matches!(tokio::task::spawn_blocking(write).await, Ok(Ok(())))
}
