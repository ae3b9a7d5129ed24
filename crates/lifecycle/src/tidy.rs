//! When what an attempt left on its machine may be put aside, and when that may go.
//!
//! Nothing goes that the coordinator has not acknowledged: the outcome, the record
//! to its last entry, and every file. What is put aside can be taken back for a
//! second period before it is deleted.

use protocol::time::Timestamp;

/// How far the runner's calendar may be from the coordinator's for either to be believed, in milliseconds.
pub const CALENDARS_APART_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// What is known of an attempt's folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Whether the runner still has to do with the attempt, or with another one in the same folder.
    pub held: bool,
    /// When it ended with everything acknowledged; none while that is not known.
    pub handed_over_at: Option<Timestamp>,
}

/// What a look at the clock knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The machine's calendar.
    pub now: Timestamp,
    /// How far it was from the coordinator's at the last answer; none when there was none.
    pub apart_ms: Option<u64>,
}

/// Why something stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// It is under way, or in use by another attempt.
    Held,
    /// Not everything of it is known to be with the coordinator.
    NotHandedOver,
    /// Its time is not over.
    TooYoung,
    /// The owner wants everything kept.
    ForEver,
    /// The machine's calendar cannot be believed.
    NoCalendar,
}

/// Whether an attempt's folders may be put aside after `keep_ms`; for ever where there is none.
pub fn may_put_aside(left: Left, keep_ms: Option<u64>, clock: Clock) -> Result<(), Stays> {
    if left.held {
        return Err(Stays::Held);
    }
    let Some(ended) = left.handed_over_at else {
        return Err(Stays::NotHandedOver);
    };
    let Some(keep_ms) = keep_ms else {
        return Err(Stays::ForEver);
    };
    is_over(ended, keep_ms, clock)
}

/// Whether what was put aside at `since` may be deleted after `aside_ms`.
pub fn may_delete(since: Timestamp, aside_ms: u64, clock: Clock) -> Result<(), Stays> {
    is_over(since, aside_ms, clock)
}

fn is_over(since: Timestamp, period_ms: u64, clock: Clock) -> Result<(), Stays> {
    match clock.apart_ms {
        Some(apart) if apart <= CALENDARS_APART_MS_MAX => {}
        Some(_) | None => return Err(Stays::NoCalendar),
    }
    if clock.now.millis_since(since) <= period_ms {
        return Err(Stays::TooYoung);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY_MS: u64 = 24 * 60 * 60 * 1000;

    fn clock(now: i64) -> Clock {
        Clock {
            now: Timestamp(now),
            apart_ms: Some(5),
        }
    }

    #[test]
    fn only_what_is_over_handed_over_and_old_is_put_aside() {
        let old = Left {
            held: false,
            handed_over_at: Some(Timestamp(0)),
        };
        let now = clock(DAY_MS.cast_signed() + 1);
        assert_eq!(may_put_aside(old, Some(DAY_MS), now), Ok(()));
        assert_eq!(
            may_put_aside(old, Some(DAY_MS + 1), now),
            Err(Stays::TooYoung)
        );
        assert_eq!(may_put_aside(old, None, now), Err(Stays::ForEver));
        let held = Left { held: true, ..old };
        assert_eq!(may_put_aside(held, Some(0), now), Err(Stays::Held));
        let open = Left {
            handed_over_at: None,
            ..old
        };
        assert_eq!(may_put_aside(open, Some(0), now), Err(Stays::NotHandedOver));
    }

    #[test]
    fn a_calendar_that_was_set_far_ahead_deletes_nothing() {
        let mut ahead = clock(400 * DAY_MS.cast_signed());
        ahead.apart_ms = Some(400 * DAY_MS);
        assert_eq!(
            may_delete(Timestamp(0), DAY_MS, ahead),
            Err(Stays::NoCalendar)
        );
        ahead.apart_ms = None;
        assert_eq!(
            may_delete(Timestamp(0), DAY_MS, ahead),
            Err(Stays::NoCalendar)
        );
    }

    proptest! {
        /// Whatever the clocks and the settings say, nothing goes that is held or was not acknowledged.
        #[test]
        fn nothing_unacknowledged_is_ever_touched(
            held in any::<bool>(),
            handed_over_at in prop::option::of(any::<i64>().prop_map(Timestamp)),
            keep_ms in prop::option::of(any::<u64>()),
            now in any::<i64>(),
            apart_ms in prop::option::of(any::<u64>()),
        ) {
            let left = Left { held, handed_over_at };
            let clock = Clock { now: Timestamp(now), apart_ms };
            if may_put_aside(left, keep_ms, clock).is_ok() {
                prop_assert!(!held);
                prop_assert!(keep_ms.is_some());
                prop_assert!(apart_ms.is_some_and(|apart| apart <= CALENDARS_APART_MS_MAX));
                prop_assert!(Timestamp(now).millis_since(handed_over_at.unwrap()) > keep_ms.unwrap());
            }
        }
    }
}
