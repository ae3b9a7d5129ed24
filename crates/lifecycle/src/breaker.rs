//! When a runner takes itself out of work: jobs that fail one after the other before an agent begins.
//!
//! A machine that cannot work fails everything that it is given, and fast; so it
//! would take the whole queue. What an agent makes of its job is not counted.

use protocol::job::FailureClass;

/// Failures in a row after which the runner pauses itself.
pub const FAILURES_MAX: u32 = 3;
/// A failure later than this after the attempt was taken on is not a fast one, in milliseconds.
pub const FAST_MS: u64 = 60_000;

/// What an attempt's end says of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// An agent got to work here.
    Works,
    /// No agent got to work, because of this.
    Failed {
        /// What kind of failure.
        class: FailureClass,
        /// Time since the attempt was taken on, in milliseconds.
        after_ms: u64,
    },
    /// Nothing: it was called off, or what the job itself brought along was at fault.
    Nothing,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// So many failures in a row by now.
    Counts(u32),
    /// The runner pauses itself; counting begins anew when it is resumed.
    Pauses,
}

/// Counts on from `failures` in a row.
pub const fn after(failures: u32, said: Said) -> Follows {
    match said {
        Said::Works => Follows::Counts(0),
        Said::Failed { class, after_ms } if is_the_machines(class) && after_ms <= FAST_MS => {
            let failures = failures.saturating_add(1);
            if failures >= FAILURES_MAX {
                return Follows::Pauses;
            }
            Follows::Counts(failures)
        }
        Said::Failed { .. } | Said::Nothing => Follows::Counts(failures),
    }
}

const fn is_the_machines(class: FailureClass) -> bool {
    match class {
        FailureClass::Transient | FailureClass::Auth | FailureClass::Config => true,
        // A quota comes back by itself, and what an agent cannot do it can do nowhere.
        FailureClass::Quota | FailureClass::Permanent => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failed(class: FailureClass) -> Said {
        Said::Failed { class, after_ms: 5 }
    }

    #[test]
    fn fast_failures_in_a_row_pause_and_anything_that_works_begins_anew() {
        let config = failed(FailureClass::Config);
        assert_eq!(after(0, config), Follows::Counts(1));
        assert_eq!(after(1, failed(FailureClass::Auth)), Follows::Counts(2));
        assert_eq!(after(2, config), Follows::Pauses);
        assert_eq!(after(2, Said::Works), Follows::Counts(0));
        assert_eq!(after(2, Said::Nothing), Follows::Counts(2));
        let slow = Said::Failed {
            class: FailureClass::Config,
            after_ms: FAST_MS + 1,
        };
        assert_eq!(after(2, slow), Follows::Counts(2));
        for class in [FailureClass::Quota, FailureClass::Permanent] {
            assert_eq!(after(2, failed(class)), Follows::Counts(2), "{class:?}");
        }
    }

    fn any_said() -> impl Strategy<Value = Said> {
        let class = prop_oneof![
            Just(FailureClass::Transient),
            Just(FailureClass::Auth),
            Just(FailureClass::Quota),
            Just(FailureClass::Config),
            Just(FailureClass::Permanent),
        ];
        prop_oneof![
            Just(Said::Works),
            Just(Said::Nothing),
            (class, 0..2 * FAST_MS).prop_map(|(class, after_ms)| Said::Failed { class, after_ms }),
        ]
    }

    proptest! {
        /// It pauses exactly when the last failures that count, since something worked, are enough.
        #[test]
        fn it_pauses_exactly_after_enough_in_a_row(history in prop::collection::vec(any_said(), 0..40)) {
            let (mut failures, mut in_a_row) = (0, 0);
            for said in history {
                let counts = matches!(
                    said,
                    Said::Failed { class: FailureClass::Transient | FailureClass::Auth | FailureClass::Config, after_ms }
                        if after_ms <= FAST_MS
                );
                in_a_row = match said {
                    Said::Works => 0,
                    _ if counts => in_a_row + 1,
                    Said::Failed { .. } | Said::Nothing => in_a_row,
                };
                match after(failures, said) {
                    Follows::Counts(now) => {
                        prop_assert_eq!(now, in_a_row);
                        prop_assert!(now < FAILURES_MAX);
                        failures = now;
                    }
                    Follows::Pauses => {
                        prop_assert_eq!(in_a_row, FAILURES_MAX);
                        (failures, in_a_row) = (0, 0);
                    }
                }
            }
        }
    }
}
