//! The life of a device code (RFC 8628): the rule, without any database.
//!
//! A code is decided at most once, by a person, and traded for tokens at most
//! once, by the device; both only before it ends.

use protocol::{api::DeviceDecision, time::Timestamp};

use crate::DeviceState;

/// How much a device that asks too often has to slow down each time, in seconds.
const SLOW_DOWN_S: u64 = 5;
/// How much earlier than the interval a question may come, in milliseconds.
const EARLY_MS_MAX: u64 = 200;

/// What decides about a device code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    /// How far it is.
    pub(crate) state: DeviceState,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
    /// Least time between two questions, in seconds.
    pub(crate) interval_s: u64,
    /// When the device last asked.
    pub(crate) last_polled_at: Option<Timestamp>,
}

/// What a device learns when it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nobody has decided yet.
    Pending,
    /// It asks too often; the code's interval has grown.
    SlowDown,
    /// It was refused.
    Denied,
    /// The code has ended.
    Expired,
    /// The code has been traded before.
    Used,
    /// It was confirmed: hand out tokens.
    Grant,
}

/// The device asks at `now`.
pub(crate) fn poll(code: Code, now: Timestamp) -> (Code, Answer) {
    let asked = Code {
        last_polled_at: Some(now),
        ..code
    };
    if code.state == DeviceState::Used {
        return (asked, Answer::Used);
    }
    if now >= code.expires_at {
        return (asked, Answer::Expired);
    }
    let too_early = code.last_polled_at.is_some_and(|last| {
        now.millis_since(last) + EARLY_MS_MAX < code.interval_s.saturating_mul(1_000)
    });
    match code.state {
        DeviceState::Denied => (asked, Answer::Denied),
        DeviceState::Pending if too_early => {
            let interval_s = code.interval_s.saturating_add(SLOW_DOWN_S);
            (
                Code {
                    interval_s,
                    ..asked
                },
                Answer::SlowDown,
            )
        }
        DeviceState::Pending => (asked, Answer::Pending),
        DeviceState::Confirmed | DeviceState::Used => (
            Code {
                state: DeviceState::Used,
                ..asked
            },
            Answer::Grant,
        ),
    }
}

/// A person decides at `now`; none when there is nothing left to decide.
pub(crate) fn decide(code: Code, decision: DeviceDecision, now: Timestamp) -> Option<Code> {
    if code.state != DeviceState::Pending || now >= code.expires_at {
        return None;
    }
    let state = match decision {
        DeviceDecision::Confirm => DeviceState::Confirmed,
        DeviceDecision::Deny => DeviceState::Denied,
    };
    Some(Code { state, ..code })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIFE_MS: i64 = 600_000;

    const FRESH: Code = Code {
        state: DeviceState::Pending,
        expires_at: Timestamp(LIFE_MS),
        interval_s: 5,
        last_polled_at: None,
    };

    #[test]
    fn a_confirmed_code_is_traded_once() {
        let (code, first) = poll(FRESH, Timestamp(0));
        assert_eq!(first, Answer::Pending);
        let code = decide(code, DeviceDecision::Confirm, Timestamp(1_000)).unwrap();
        let (code, second) = poll(code, Timestamp(5_000));
        assert_eq!(second, Answer::Grant);
        assert_eq!(poll(code, Timestamp(10_000)).1, Answer::Used);
    }

    #[test]
    fn asking_too_often_makes_the_interval_grow_by_five_seconds() {
        let (code, _) = poll(FRESH, Timestamp(0));
        let (code, answer) = poll(code, Timestamp(1_000));
        assert_eq!((answer, code.interval_s), (Answer::SlowDown, 10));
        let (code, answer) = poll(code, Timestamp(7_000));
        assert_eq!((answer, code.interval_s), (Answer::SlowDown, 15));
        assert_eq!(poll(code, Timestamp(22_000)).1, Answer::Pending);
    }

    #[test]
    fn a_refused_or_ended_code_says_so() {
        let denied = decide(FRESH, DeviceDecision::Deny, Timestamp(0)).unwrap();
        assert_eq!(poll(denied, Timestamp(1)).1, Answer::Denied);
        assert_eq!(poll(FRESH, Timestamp(LIFE_MS)).1, Answer::Expired);
        assert_eq!(
            decide(FRESH, DeviceDecision::Confirm, Timestamp(LIFE_MS)),
            None
        );
        let confirmed = decide(FRESH, DeviceDecision::Confirm, Timestamp(0)).unwrap();
        assert_eq!(poll(confirmed, Timestamp(LIFE_MS)).1, Answer::Expired);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Poll,
        Decide(DeviceDecision),
        Wait(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Poll),
            Just(Step::Decide(DeviceDecision::Confirm)),
            Just(Step::Decide(DeviceDecision::Deny)),
            (0..120_000_i64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn tokens_need_one_confirmation_in_time_and_come_once(steps in prop::collection::vec(step(), 0..80)) {
            let (mut code, mut now, mut granted) = (FRESH, Timestamp(0), 0);
            let mut decided = None;
            for step in steps {
                match step {
                    Step::Wait(millis) => now = Timestamp(now.0 + millis),
                    Step::Decide(decision) => {
                        let accepted = decide(code, decision, now);
                        prop_assert_eq!(accepted.is_some(), decided.is_none() && now.0 < LIFE_MS);
                        if let Some(next) = accepted {
                            decided = Some(decision);
                            code = next;
                        }
                    }
                    Step::Poll => {
                        let (next, answer) = poll(code, now);
                        prop_assert!(next.interval_s >= code.interval_s);
                        if answer == Answer::Grant {
                            granted += 1;
                            prop_assert_eq!(decided, Some(DeviceDecision::Confirm));
                            prop_assert!(now.0 < LIFE_MS);
                        }
                        code = next;
                    }
                }
            }
            prop_assert!(granted <= 1);
        }
    }
}
