//! What a runner may do with an attempt that it holds.
//!
//! Work begins once a sync's answer has confirmed the lease; then the agent may
//! work on without a coordinator, in its own folder. What shows outside happens
//! only under a lease that still runs.
//!
//! Time here is the runner's own, in milliseconds on a clock that counts sleep.

use protocol::{
    job::Phase,
    runner::{LeaseGrant, StopAttempt, StopReason},
};

/// An attempt in the hands of its runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Proof of which claim this is.
    pub fence: u64,
    /// Which step is under way.
    pub phase: Phase,
    /// When the newest lease ends; none before the first, and after a start of the service.
    pub lease_ends_ms: Option<u64>,
    /// Set once it is not this runner's any more.
    pub stopped: Option<StopReason>,
}

/// What the runner must do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The lease is confirmed for the first time: begin.
    Begin,
    /// Stop, and keep what was done.
    Stop(StopReason),
}

/// The attempt as it stands once its assignment is in the journal.
pub const fn accepted(fence: u64) -> Held {
    Held {
        fence,
        phase: Phase::Assigned,
        lease_ends_ms: None,
        stopped: None,
    }
}

/// Takes in what the answer to a sync sent at `sent_at_ms` says of this attempt.
///
/// Only an answer to a sync that listed the attempt may be given here. A grant
/// for another fence is not about this claim, and says nothing.
pub fn answered(
    held: Held,
    grant: Option<&LeaseGrant>,
    stop: Option<&StopAttempt>,
    sent_at_ms: u64,
) -> (Held, Option<Effect>) {
    if held.stopped.is_some() {
        return (held, None);
    }
    if let Some(stop) = stop {
        let stopped = Held {
            lease_ends_ms: None,
            stopped: Some(stop.reason),
            ..held
        };
        return (stopped, Some(Effect::Stop(stop.reason)));
    }
    let Some(grant) = grant.filter(|grant| grant.fence == held.fence) else {
        return (held, None);
    };
    let ends = sent_at_ms.saturating_add(grant.lease_ms);
    let renewed = Held {
        // Answers can overtake each other: the later end counts.
        lease_ends_ms: Some(held.lease_ends_ms.map_or(ends, |before| before.max(ends))),
        ..held
    };
    if held.phase == Phase::Assigned {
        let begun = Held {
            phase: Phase::Preparing,
            ..renewed
        };
        return (begun, Some(Effect::Begin));
    }
    (renewed, None)
}

/// Whether what shows outside may happen now: under a lease that still runs, before the end is reported.
pub fn may_publish(held: &Held, now_ms: u64) -> bool {
    held.stopped.is_none()
        && held.phase != Phase::Ended
        && held.lease_ends_ms.is_some_and(|ends| now_ms < ends)
}

/// Whether the next sync should ask for an answer at once.
pub fn wants_answer_at_once(held: &Held, now_ms: u64) -> bool {
    held.stopped.is_none()
        && (held.phase == Phase::Assigned
            || (held.phase == Phase::Publishing && !may_publish(held, now_ms)))
}

#[cfg(test)]
mod tests {
    use protocol::{ids::AttemptId, limits::LEASE_MS};
    use uuid::Uuid;

    use super::*;

    const ID: AttemptId = AttemptId(Uuid::from_u128(1));

    const fn grant(fence: u64) -> LeaseGrant {
        LeaseGrant {
            attempt_id: ID,
            fence,
            lease_ms: LEASE_MS,
        }
    }

    #[test]
    fn work_begins_once_with_the_first_lease() {
        let held = accepted(4);
        assert!(wants_answer_at_once(&held, 0));
        assert!(!may_publish(&held, 0));
        assert_eq!(answered(held, None, None, 0), (held, None));
        assert_eq!(answered(held, Some(&grant(3)), None, 0), (held, None));
        let (begun, effect) = answered(held, Some(&grant(4)), None, 100);
        assert_eq!(effect, Some(Effect::Begin));
        assert_eq!(begun.phase, Phase::Preparing);
        let (renewed, effect) = answered(begun, Some(&grant(4)), None, 50);
        assert_eq!(
            (renewed, effect),
            (begun, None),
            "an overtaken answer changes nothing"
        );
    }

    #[test]
    fn a_lease_lasts_from_the_sending_of_its_sync() {
        let (held, _) = answered(accepted(4), Some(&grant(4)), None, 100);
        assert!(may_publish(&held, 99 + LEASE_MS));
        assert!(!may_publish(&held, 100 + LEASE_MS));
        let publishing = Held {
            phase: Phase::Publishing,
            ..held
        };
        assert!(!wants_answer_at_once(&publishing, 100));
        assert!(wants_answer_at_once(&publishing, 100 + LEASE_MS));
    }

    #[test]
    fn what_is_stopped_stays_stopped() {
        let (held, _) = answered(accepted(4), Some(&grant(4)), None, 0);
        let stop = StopAttempt {
            attempt_id: ID,
            reason: StopReason::FenceMovedOn,
        };
        let (stopped, effect) = answered(held, Some(&grant(4)), Some(&stop), 1);
        assert_eq!(effect, Some(Effect::Stop(StopReason::FenceMovedOn)));
        assert!(!may_publish(&stopped, 2));
        assert!(!wants_answer_at_once(&stopped, 2));
        assert_eq!(answered(stopped, Some(&grant(4)), None, 3), (stopped, None));
        assert_eq!(answered(stopped, None, Some(&stop), 3), (stopped, None));
    }
}
