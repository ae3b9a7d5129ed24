//! Cases that chance does not surely reach, one by one.

mod clock;
mod order;
mod outage;
mod suspended;

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::field::Size;

/// Lease and grace of these cases, in seconds: as short as a coordinator allows.
const TERMS: (u64, u64) = (6, 6);
/// Silence after which a job goes to another machine.
const PATIENCE: Duration = Duration::from_secs(TERMS.0 + TERMS.1);

const fn size(coordinators: usize, machines: usize) -> Size {
    Size {
        coordinators,
        machines,
        slots: 2,
        terms: TERMS,
    }
}

/// Lets time pass, where time itself is what it is about.
fn away_for(time: Duration) {
    let back = Instant::now() + time;
    while let Some(left) = back.checked_duration_since(Instant::now()) {
        thread::sleep(left);
    }
}
