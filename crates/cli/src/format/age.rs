//! Moments, as people say them.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use protocol::time::Timestamp;

/// The present moment.
pub(crate) fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = now.map_or(0, |since| since.as_millis());
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// How long ago `then` was, at `now`.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.millis_since(then) / 1000;
    match seconds {
        0..=4 => "now".to_owned(),
        5..=59 => format!("{seconds} s ago"),
        60..=3599 => format!("{} min ago", seconds / 60),
        3600..=86_399 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// Date and time where the reader is.
pub(crate) fn clock(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| at.0.to_string(),
        |at| {
            at.to_zoned(TimeZone::system())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_its_largest_unit() {
        let ago = |seconds: i64| ago(Timestamp(0), Timestamp(seconds * 1000));
        assert_eq!(
            [0, 59, 60, 7200, 200_000].map(ago),
            ["now", "59 s ago", "1 min ago", "2 h ago", "2 d ago"]
        );
    }
}
