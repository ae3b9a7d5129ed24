//! When to try again, and how long to wait before.
//!
//! Chance is an argument: `jitter_permille` from 0 to 1000 spreads the waits of
//! many runners that failed at the same moment.

use protocol::job::FailureClass;

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

    proptest! {
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
