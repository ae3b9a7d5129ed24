//! Waiting for something that another process does.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Longest wait; far beyond what is needed, so that a busy machine breaks no test.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Waits until `look` finds something, and fails with `what` when it never does.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(LOOK);
    }
}
