//! When to try again, and how long to wait before.
//!
//! Chance is an argument: `jitter_permille` from 0 to 1000 spreads the waits of
//! many runners that failed at the same moment.

use protocol::{
    job::{Failure, FailureClass},
    time::Timestamp,
};

/// How waits grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait, in milliseconds.
    pub first_ms: u64,
    /// The longest wait, in milliseconds.
    pub max_ms: u64,
    /// How many tries there are in all; none when there is no end.
    pub tries_max: Option<u32>,
}

/// Tries of an agent after transient errors: about 1, 2, 4 and 8 minutes apart.
pub const AGENT: Backoff = Backoff {
    first_ms: 60_000,
    max_ms: 15 * 60_000,
    tries_max: Some(5),
};

/// Calls to a coordinator that does not answer: from a second to half a minute, for ever.
pub const CALL: Backoff = Backoff {
    first_ms: 1_000,
    max_ms: 30_000,
    tries_max: None,
};

/// How long an attempt may be parked in all: longer than the longest quota of a plan, a week.
pub const PARKED_MS_MAX: u64 = 8 * 24 * 60 * 60 * 1000;
/// The shortest park: a quota that comes back at once would only be asked again and again.
pub const PARK_MS_MIN: u64 = 60_000;
/// Those who wait for the same quota do not all come back at the same moment.
const PARK_SPREAD_MS: u64 = 60_000;

/// What follows a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Another try.
    Again {
        /// Its number, from 2.
        try_number: u32,
        /// The wait before it, in milliseconds.
        delay_ms: u64,
    },
    /// A wait without a slot, until a quota is there again; it uses up no try.
    Park {
        /// When it ends.
        until: Timestamp,
    },
    /// No other try; see why.
    Stop(Stop),
}

/// Why there is no other try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Another try would fail in the same way.
    WouldFailAgain,
    /// All tries are used up.
    TriesUsedUp,
    /// The quota is there again too late, or it was waited for too long already.
    ParkedTooLong,
}

/// Limits of waiting for a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parking {
    /// The longest that an attempt waits in all, in milliseconds.
    pub total_ms_max: u64,
    /// The shortest single wait, in milliseconds.
    pub once_ms_min: u64,
}

/// Parking of an agent whose quota is used up.
pub const PARKING: Parking = Parking {
    total_ms_max: PARKED_MS_MAX,
    once_ms_min: PARK_MS_MIN,
};

impl Parking {
    /// Parks until about `until`, when `parked_ms` have been waited before; as far as this allows.
    pub fn park(
        &self,
        until: Timestamp,
        parked_ms: u64,
        jitter_permille: u32,
        now: Timestamp,
    ) -> Decision {
        let spread = PARK_SPREAD_MS.min(self.once_ms_min);
        let jitter = spread.saturating_mul(u64::from(jitter_permille.min(1000))) / 1000;
        let wait = until
            .plus_millis(jitter)
            .millis_since(now)
            .max(self.once_ms_min);
        if parked_ms.saturating_add(wait) > self.total_ms_max {
            return Decision::Stop(Stop::ParkedTooLong);
        }
        Decision::Park {
            until: now.plus_millis(wait),
        }
    }
}

/// What decides beside the failure itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// The number of the try that failed, from 1.
    pub try_number: u32,
    /// How long the attempt has been parked by now, in milliseconds.
    pub parked_ms: u64,
    /// Spreads waits, from 0 to 1000.
    pub jitter_permille: u32,
    /// Now.
    pub now: Timestamp,
}

/// What follows when an agent's try failed.
///
/// A moment that the failure names is kept: within the usual waits by waiting so
/// long, beyond them by parking.
pub fn after_failure(
    backoff: &Backoff,
    parking: &Parking,
    failure: &Failure,
    tried: Tried,
) -> Decision {
    let asked_ms = failure.until.map(|until| until.millis_since(tried.now));
    let parks = match failure.class {
        FailureClass::Quota => failure.until,
        FailureClass::Transient => failure
            .until
            .filter(|_| asked_ms.is_some_and(|asked| asked > backoff.max_ms)),
        FailureClass::Auth | FailureClass::Config | FailureClass::Permanent => None,
    };
    if let Some(until) = parks {
        return parking.park(until, tried.parked_ms, tried.jitter_permille, tried.now);
    }
    backoff.after_failure(
        failure.class,
        tried.try_number,
        tried.jitter_permille,
        asked_ms,
    )
}

/// Whether a failure of this class is likely gone on another try.
pub const fn is_transient(class: FailureClass) -> bool {
    match class {
        FailureClass::Transient => true,
        FailureClass::Auth
        | FailureClass::Quota
        | FailureClass::Config
        | FailureClass::Permanent => false,
    }
}

impl Backoff {
    /// The wait before the try after number `try_number` (from 1), between half and whole of its step.
    ///
    /// A wait that the other side asked for (`asked_ms`) is kept where it is longer.
    pub fn delay_ms(&self, try_number: u32, jitter_permille: u32, asked_ms: Option<u64>) -> u64 {
        let doublings = try_number.saturating_sub(1).min(32);
        let step = self
            .first_ms
            .saturating_mul(1_u64 << doublings)
            .min(self.max_ms);
        let half = step / 2;
        let spread = (step - half).saturating_mul(u64::from(jitter_permille.min(1000))) / 1000;
        (half + spread).max(asked_ms.unwrap_or(0).min(self.max_ms))
    }

    /// What follows when try number `try_number` (from 1) failed with `class`.
    pub fn after_failure(
        &self,
        class: FailureClass,
        try_number: u32,
        jitter_permille: u32,
        asked_ms: Option<u64>,
    ) -> Decision {
        if !is_transient(class) {
            return Decision::Stop(Stop::WouldFailAgain);
        }
        if self.tries_max.is_some_and(|max| try_number >= max) {
            return Decision::Stop(Stop::TriesUsedUp);
        }
        Decision::Again {
            try_number: try_number.saturating_add(1),
            delay_ms: self.delay_ms(try_number, jitter_permille, asked_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_agent_is_tried_five_times_minutes_apart() {
        let waits: Vec<_> = (1..=5)
            .map(|try_number| AGENT.after_failure(FailureClass::Transient, try_number, 1000, None))
            .collect();
        let again = |try_number, minutes: u64| Decision::Again {
            try_number,
            delay_ms: minutes * 60_000,
        };
        assert_eq!(
            waits,
            [
                again(2, 1),
                again(3, 2),
                again(4, 4),
                again(5, 8),
                Decision::Stop(Stop::TriesUsedUp)
            ]
        );
    }

    #[test]
    fn what_would_fail_again_stops_at_once() {
        for class in [
            FailureClass::Auth,
            FailureClass::Quota,
            FailureClass::Config,
            FailureClass::Permanent,
        ] {
            assert_eq!(
                AGENT.after_failure(class, 1, 0, None),
                Decision::Stop(Stop::WouldFailAgain)
            );
        }
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept_within_bounds() {
        assert_eq!(CALL.delay_ms(1, 0, Some(7_000)), 7_000);
        assert_eq!(CALL.delay_ms(1, 0, Some(u64::MAX)), CALL.max_ms);
        assert_eq!(CALL.delay_ms(1, 0, Some(1)), 500);
    }

    const NOW: Timestamp = Timestamp(1_000_000);

    fn after(class: FailureClass, until_ms: Option<u64>, tried: Tried) -> Decision {
        let failure = Failure {
            until: until_ms.map(|ms| NOW.plus_millis(ms)),
            ..Failure::new(class, "words")
        };
        after_failure(&AGENT, &PARKING, &failure, tried)
    }

    const FIRST: Tried = Tried {
        try_number: 1,
        parked_ms: 0,
        jitter_permille: 0,
        now: NOW,
    };

    #[test]
    fn a_quota_that_comes_back_is_waited_for_without_using_up_a_try() {
        let last = Tried {
            try_number: 5,
            ..FIRST
        };
        for tried in [FIRST, last] {
            assert_eq!(
                after(FailureClass::Quota, Some(3_600_000), tried),
                Decision::Park {
                    until: NOW.plus_millis(3_600_000)
                }
            );
        }
        assert_eq!(
            after(FailureClass::Quota, None, FIRST),
            Decision::Stop(Stop::WouldFailAgain)
        );
    }

    #[test]
    fn waiting_for_a_quota_has_an_end() {
        let tired = Tried {
            parked_ms: PARKED_MS_MAX - 10_000,
            ..FIRST
        };
        for (until_ms, tried) in [(PARKED_MS_MAX + 1, FIRST), (20_000, tired)] {
            assert_eq!(
                after(FailureClass::Quota, Some(until_ms), tried),
                Decision::Stop(Stop::ParkedTooLong)
            );
        }
    }

    #[test]
    fn a_wait_that_a_server_asks_for_is_waited_or_parked() {
        assert_eq!(
            after(FailureClass::Transient, Some(300_000), FIRST),
            Decision::Again {
                try_number: 2,
                delay_ms: 300_000
            }
        );
        assert_eq!(
            after(FailureClass::Transient, Some(3_600_000), FIRST),
            Decision::Park {
                until: NOW.plus_millis(3_600_000)
            }
        );
    }

    #[test]
    fn what_a_person_has_to_mend_is_never_parked() {
        for class in [
            FailureClass::Auth,
            FailureClass::Config,
            FailureClass::Permanent,
        ] {
            assert_eq!(
                after(class, Some(3_600_000), FIRST),
                Decision::Stop(Stop::WouldFailAgain)
            );
        }
    }

    proptest! {
        #[test]
        fn parks_never_add_up_to_more_than_the_limit(
            waits in proptest::collection::vec((0..400_000_000_u64, 0..1500_u32), 1..40),
        ) {
            let (mut now, mut parked_ms) = (NOW, 0);
            for (until_ms, jitter_permille) in waits {
                let tried = Tried { parked_ms, jitter_permille, now, try_number: 1 };
                let failure = Failure {
                    until: Some(now.plus_millis(until_ms)),
                    ..Failure::new(FailureClass::Quota, "words")
                };
                match after_failure(&AGENT, &PARKING, &failure, tried) {
                    Decision::Park { until } => {
                        let wait = until.millis_since(now);
                        prop_assert!(wait >= until_ms.max(PARK_MS_MIN));
                        prop_assert!(wait <= until_ms.max(PARK_MS_MIN) + PARK_SPREAD_MS);
                        parked_ms += wait;
                        now = until;
                    }
                    other => {
                        prop_assert_eq!(other, Decision::Stop(Stop::ParkedTooLong));
                        break;
                    }
                }
            }
            prop_assert!(parked_ms <= PARKED_MS_MAX);
        }

        #[test]
        fn waits_lie_between_half_and_whole_of_their_step(
            try_number in 0..u32::MAX,
            jitter in 0..2000_u32,
        ) {
            let step = CALL.delay_ms(try_number, 1000, None);
            let wait = CALL.delay_ms(try_number, jitter, None);
            prop_assert!(wait >= step / 2 && wait <= step && step <= CALL.max_ms);
            prop_assert!(CALL.delay_ms(try_number.saturating_add(1), 1000, None) >= step);
        }
    }
}
