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

/// Whether what shows outside may happen now: under a lease that still runs.
pub fn may_publish(held: &Held, now_ms: u64) -> bool {
    held.stopped.is_none() && held.lease_ends_ms.is_some_and(|ends| now_ms < ends)
}

/// Whether the next sync should ask for an answer at once.
pub fn wants_answer_at_once(held: &Held, now_ms: u64) -> bool {
    held.stopped.is_none()
        && (held.phase == Phase::Assigned
            || (held.phase == Phase::Publishing && !may_publish(held, now_ms)))
}
