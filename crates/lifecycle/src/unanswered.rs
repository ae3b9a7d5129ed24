//! When a runner is left alone: its syncs arrive, and the assignments that answer them do not.
//!
//! Each of them waits in vain until it goes back, so such a runner would delay job after
//! job. It is given the next one after a rest, and that one says whether it hears again.

use protocol::{limits::ASSIGNMENT_ACCEPT_MS, time::Timestamp};

/// Times in a row after which a runner rests.
pub const TIMES_MAX: u32 = 3;
/// The first rest, in milliseconds; each further time doubles it.
pub const REST_FIRST_MS: u64 = 60_000;
/// The longest rest, in milliseconds.
pub const REST_MAX_MS: u64 = 15 * 60_000;

/// What a rest is called among a runner's troubles.
pub const CODE: &str = "assignments_unanswered";
/// What people are told while it lasts.
pub const MESSAGE: &str = "The last jobs that it was given went back, since it never answered. \
     It is given the next one in a few minutes; restart the runner, or look at the network \
     between it and the coordinator.";

/// Assignments of a runner that went back without an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unanswered {
    /// How many times in a row; several that were on their way at once are one time.
    pub times: u32,
    /// When the last of them went back.
    pub last: Option<Timestamp>,
}

impl Unanswered {
    /// Counts an assignment that was to be confirmed by `accept_by`, and goes back `now`.
    #[must_use]
    pub fn and(self, accept_by: Timestamp, now: Timestamp) -> Self {
        let given = Timestamp(accept_by.0.saturating_sub_unsigned(ASSIGNMENT_ACCEPT_MS));
        if self.last.is_some_and(|last| given < last) {
            return self;
        }
        Self {
            times: self.times.saturating_add(1),
            last: Some(now),
        }
    }

    /// Whether the runner is to be left alone.
    pub fn rests(self, now: Timestamp) -> bool {
        let Some(last) = self.last.filter(|_| self.times >= TIMES_MAX) else {
            return false;
        };
        let doubled = 1_u64
            .checked_shl(self.times - TIMES_MAX)
            .unwrap_or(u64::MAX);
        let rest = REST_FIRST_MS.saturating_mul(doubled).min(REST_MAX_MS);
        now < last.plus_millis(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: Timestamp = Timestamp(1_000_000);

    /// Given at `given`, and back as soon as it may.
    fn gone_back(before: Unanswered, given: Timestamp) -> (Unanswered, Timestamp) {
        let back = given.plus_millis(ASSIGNMENT_ACCEPT_MS + 1);
        (
            before.and(given.plus_millis(ASSIGNMENT_ACCEPT_MS), back),
            back,
        )
    }

    #[test]
    fn a_rest_begins_with_the_third_time_and_doubles_up_to_its_end() {
        let (mut unanswered, mut back) = (Unanswered::default(), GIVEN);
        for times in 1..40 {
            (unanswered, back) = gone_back(unanswered, back);
            assert_eq!(unanswered.times, times);
            let rest = match times {
                1 | 2 => {
                    assert!(!unanswered.rests(back), "a network may fail twice");
                    continue;
                }
                3 => REST_FIRST_MS,
                4 => 2 * REST_FIRST_MS,
                5 => 4 * REST_FIRST_MS,
                6 => 8 * REST_FIRST_MS,
                _ => REST_MAX_MS,
            };
            assert!(unanswered.rests(back.plus_millis(rest - 1)), "{times}");
            assert!(!unanswered.rests(back.plus_millis(rest)), "{times}");
            back = back.plus_millis(rest);
        }
    }

    #[test]
    fn what_was_lost_with_one_connection_counts_once() {
        let (once, back) = gone_back(Unanswered::default(), GIVEN);
        let (again, _) = gone_back(once, GIVEN.plus_millis(5));
        assert_eq!(again, once);
        let (later, _) = gone_back(once, back);
        assert_eq!(later.times, 2);
    }
}
