//! What an attempt is, what may happen to it, and what follows.

use protocol::{
    error::ErrorCode,
    job::{JobState, OutcomeKind, Phase},
    runner::StopReason,
    time::Timestamp,
};

use crate::lease::LeaseTerms;

/// One attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Proof of which claim this is.
    pub fence: u64,
    /// Where it stands.
    pub stage: Stage,
    /// When it is Cancelled without its runner, once somebody asked.
    pub cancel_by: Option<Timestamp>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Handed out; no sync has listed it yet.
    Assigned {
        /// When it goes back unless a sync lists it.
        accept_by: Timestamp,
    },
    /// A runner holds it.
    Held {
        /// Which step is under way, as the runner says.
        phase: Phase,
        /// Silence beyond this moment and the grace after it loses the attempt.
        lease_ends: Timestamp,
    },
    /// It ended; one that was lost may still come back before the next claim.
    Ended(OutcomeKind),
    /// No sync listed it in time; it used up no number, and nothing was done.
    Withdrawn,
}

/// What the rules need to know beside the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The coordinators' common time.
    pub now: Timestamp,
    /// Since when coordinators have been up without a longer break.
    pub up_since: Timestamp,
    /// The job's fence: that of its newest claim.
    pub job_fence: u64,
    /// Where the job stands.
    pub job_state: JobState,
    /// For how long silence is borne.
    pub terms: LeaseTerms,
}

/// What may happen to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A sync lists it as held: the first confirms the claim, each renews the lease.
    Listed {
        /// The claim that the runner believes it holds.
        fence: u64,
        /// Which step is under way.
        phase: Phase,
        /// Time since its worker last answered.
        worker_answered_ms_ago: u64,
    },
    /// A newer sync of its runner does not list it: the runner has forgotten it.
    Unlisted,
    /// The runner reports the end.
    Reported {
        /// The claim that the runner believes it holds.
        fence: u64,
        /// How it ended.
        outcome: OutcomeKind,
    },
    /// A reconciler looked at the clock.
    Checked,
    /// A reconciler looked at the clock, and the attempt was to end by this moment.
    Overdue {
        /// When.
        ends_by: Timestamp,
    },
    /// A person called the job off.
    CancelRequested,
    /// The runner does not take the assignment, by its owner's policy.
    NotTaken {
        /// The claim that it refuses.
        fence: u64,
    },
    /// The runner was signed out.
    RunnerEnded,
    /// The runner was removed from its account.
    RunnerRemoved,
    /// The runner's owner left the workspace, or was taken out of it.
    OwnerLeft,
}

/// What the caller must do next, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The attempt's number is final from now on.
    KeepNumber,
    /// Tell the runner that it holds the lease for the time of [`LeaseTerms`].
    Grant,
    /// The job is In Progress again; see [`crate::job::Event::TakenBack`].
    TakeBack,
    /// Free the number and put the job back; see [`crate::job::Event::Withdrawn`].
    GiveBack,
    /// Put the job back for another runner and keep the number; see [`crate::job::Event::Withdrawn`].
    Release,
    /// Let the job follow; see [`crate::job::Event::Ended`].
    Settle(OutcomeKind),
    /// Call the job off; see [`crate::job::Event::CancelRequested`].
    CancelJob,
    /// Tell everyone who watches the job.
    Announce,
}

/// Why an event was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Another claim has replaced this one; the runner must stop.
    #[error("another claim of this job has replaced this one")]
    StaleFence,
    /// It ended with an outcome of its own; repeating a report is harmless.
    #[error("this attempt has already ended")]
    AlreadyEnded,
    /// It was called off.
    #[error("this attempt was cancelled")]
    Cancelled,
    /// It went back before any sync listed it.
    #[error("this assignment was withdrawn, since no sync listed it in time")]
    Withdrawn,
    /// Nothing but a listing can come first.
    #[error("this attempt was never confirmed by a sync")]
    NotConfirmed,
    /// Only the coordinator finds an attempt lost or its runner removed.
    #[error("a runner cannot report an attempt as lost, nor itself as removed")]
    NotReportable,
}

impl Refused {
    /// The reason by which a runner is told to stop.
    pub const fn stop_reason(self) -> StopReason {
        match self {
            Self::StaleFence => StopReason::FenceMovedOn,
            Self::AlreadyEnded => StopReason::Finished,
            Self::Cancelled => StopReason::Cancelled,
            Self::Withdrawn | Self::NotConfirmed | Self::NotReportable => StopReason::Unknown,
        }
    }

    /// The code by which a refused report is answered.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::StaleFence | Self::AlreadyEnded | Self::Cancelled | Self::Withdrawn => {
                ErrorCode::FenceMovedOn
            }
            Self::NotConfirmed => ErrorCode::Conflict,
            Self::NotReportable => ErrorCode::Invalid,
        }
    }
}
