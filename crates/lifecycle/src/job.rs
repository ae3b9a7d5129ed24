//! Which moves a job may make, and what the end of an attempt means for it.

use protocol::job::{JobState, OutcomeKind};

/// Attempts that may end under a job without anybody's doing; then it is Failed.
pub const UNLUCKY_ATTEMPTS_MAX: u32 = 3;

/// What may happen to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A person lets it be taken.
    MadeReady,
    /// A runner was given it.
    Claimed,
    /// The assignment was never confirmed, and went back.
    Withdrawn,
    /// A runner that had been lost came back with it before the next claim.
    TakenBack,
    /// Its attempt ended.
    Ended(End),
    /// A person calls it off.
    CancelRequested,
}

/// How an attempt ended, with what decides about the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// How.
    pub outcome: OutcomeKind,
    /// Earlier attempts of this job that ended as lost or interrupted.
    pub unlucky_before: u32,
    /// Whether a person had called the job off.
    pub cancel_requested: bool,
}

/// Why a job does not make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is over.
    #[error("the job is already {0}")]
    AlreadyOver(JobState),
    /// The move does not start from where it stands.
    #[error("the job is {0}, and cannot do this from there")]
    NotFromHere(JobState),
}

/// The state of a job in `state` after `event`.
///
/// A job that is called off while an attempt is under way stays In Progress until
/// that attempt ends or its deadline passes.
pub const fn next(state: JobState, event: Event) -> Result<JobState, Refused> {
    match (state, event) {
        // Ready already: pressed twice, and it is what was asked for.
        (JobState::Backlog | JobState::Ready, Event::MadeReady)
        | (JobState::InProgress, Event::Withdrawn) => Ok(JobState::Ready),
        (JobState::Ready, Event::Claimed | Event::TakenBack)
        | (JobState::InProgress, Event::CancelRequested) => Ok(JobState::InProgress),
        (JobState::InProgress, Event::Ended(end)) => Ok(after(end)),
        (
            JobState::Backlog | JobState::Ready | JobState::AwaitingReview,
            Event::CancelRequested,
        ) => Ok(JobState::Cancelled),
        (JobState::Done | JobState::Failed | JobState::Cancelled, _) => {
            Err(Refused::AlreadyOver(state))
        }
        (
            JobState::Backlog | JobState::Ready | JobState::InProgress | JobState::AwaitingReview,
            Event::MadeReady
            | Event::Claimed
            | Event::Withdrawn
            | Event::TakenBack
            | Event::Ended(_),
        ) => Err(Refused::NotFromHere(state)),
    }
}

/// Where the end of its attempt takes a job.
pub const fn after(end: End) -> JobState {
    let again = end.unlucky_before + 1 < UNLUCKY_ATTEMPTS_MAX;
    match (end.outcome, end.cancel_requested) {
        // A result that was there before the cancel arrived counts.
        (OutcomeKind::Succeeded, _) => JobState::Done,
        (OutcomeKind::Cancelled, _)
        | (OutcomeKind::Failed | OutcomeKind::Interrupted | OutcomeKind::Lost, true) => {
            JobState::Cancelled
        }
        (OutcomeKind::Interrupted | OutcomeKind::Lost, false) if again => JobState::Ready,
        (OutcomeKind::Failed | OutcomeKind::Interrupted | OutcomeKind::Lost, false) => {
            JobState::Failed
        }
    }
}
