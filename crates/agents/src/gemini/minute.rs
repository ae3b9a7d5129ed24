//! The minute in which a session was opened.
//!
//! Loading a session makes Gemini CLI begin a new recording, whose file is named by the
//! minute and the session. In the minute in which the session was opened that is the
//! file of the session itself, which is lost with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MINUTE: Duration = Duration::from_mins(1);
/// Past the minute's end, since clocks are read at slightly different moments.
const MARGIN: Duration = Duration::from_millis(500);

/// Waits until another minute has begun than the one of `opened`.
pub(super) async fn wait_beyond(opened: SystemTime) {
    let wait = left(opened, SystemTime::now());
    if !wait.is_zero() {
        tracing::info!(
            seconds = wait.as_secs(),
            "waiting for another minute, so that the session can be loaded"
        );
        tokio::time::sleep(wait).await;
    }
}

/// How long it is from `now` to another minute than the one of `opened`.
fn left(opened: SystemTime, now: SystemTime) -> Duration {
    let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let minute = |time: Duration| time.as_secs() / MINUTE.as_secs();
    let (opened, now) = (since(opened), since(now));
    if minute(opened) != minute(now) {
        return Duration::ZERO;
    }
    let into = Duration::from_secs(now.as_secs() % MINUTE.as_secs())
        + Duration::from_nanos(u64::from(now.subsec_nanos()));
    MINUTE.saturating_sub(into) + MARGIN
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn only_the_same_minute_is_waited_for() {
        assert_eq!(left(at(59_900), at(60_000)), Duration::ZERO);
        assert_eq!(left(at(60_000), at(61_000)), Duration::from_millis(59_500));
        assert_eq!(left(at(60_000), at(119_999)), Duration::from_millis(501));
    }

    proptest! {
        #[test]
        fn after_the_wait_it_is_another_minute(opened in 0..10_000_000_u64, later in 0..200_000_u64) {
            let now = opened + later;
            let wait = left(at(opened), at(now));
            prop_assert!(wait <= MINUTE + MARGIN);
            let then = Duration::from_millis(now) + wait;
            prop_assert_ne!(then.as_secs() / 60, opened / 60_000);
        }
    }
}
