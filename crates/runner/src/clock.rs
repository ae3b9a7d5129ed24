//! The runner's two clocks: one for people, one for leases.
//!
//! What the calendar may decide is listed in `docs/reliability.md`; anything else
//! goes by the steady clock, which nobody can set.

use protocol::time::Timestamp;

/// The moment on the machine's calendar.
pub(crate) fn now() -> Timestamp {
    #[cfg(test)]
    if let Some(turned) = tests::calendar() {
        return turned;
    }
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Milliseconds on a clock that never jumps and goes on while the machine sleeps.
///
/// A lease is measured on it: a laptop that slept past its lease must know.
pub(crate) fn steady_ms() -> u64 {
    #[cfg(test)]
    let slept = tests::slept_ms();
    #[cfg(not(test))]
    let slept = 0;
    machine_ms().saturating_add(slept)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn machine_ms() -> u64 {
    timespec_ms(rustix::time::clock_gettime(rustix::time::ClockId::Boottime))
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn machine_ms() -> u64 {
    // Apple's CLOCK_MONOTONIC counts sleep, unlike the clock behind `Instant`.
    timespec_ms(rustix::time::clock_gettime(
        rustix::time::ClockId::Monotonic,
    ))
}

#[cfg(unix)]
fn timespec_ms(at: rustix::time::Timespec) -> u64 {
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    let millis = u64::try_from(at.tv_nsec).unwrap_or(0) / 1_000_000;
    seconds.saturating_mul(1000).saturating_add(millis)
}

#[cfg(not(unix))]
fn machine_ms() -> u64 {
    static BEGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let begin = BEGIN.get_or_init(std::time::Instant::now);
    u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static CALENDAR: Cell<Option<Timestamp>> = const { Cell::new(None) };
        static SLEPT_MS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn calendar() -> Option<Timestamp> {
        CALENDAR.get()
    }

    pub(super) fn slept_ms() -> u64 {
        SLEPT_MS.get()
    }

    /// Sets this thread's calendar, as somebody sets the machine's.
    pub(crate) fn set_calendar(to: Timestamp) {
        CALENDAR.set(Some(to));
    }

    /// The machine sleeps for so long, as this thread sees it.
    pub(crate) fn sleep(ms: u64) {
        SLEPT_MS.set(SLEPT_MS.get() + ms);
    }

    #[test]
    fn the_steady_clock_never_goes_back() {
        let first = steady_ms();
        assert!(steady_ms() >= first);
        assert!(now().0 > 1_600_000_000_000, "the calendar is set");
    }
}
