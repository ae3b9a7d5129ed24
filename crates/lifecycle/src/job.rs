//! Which moves a job may make, and what the end of an attempt means for it.

use protocol::job::{JobState, OutcomeKind};

/// Attempts that may end under a job without anybody's doing; then it is Failed.
pub const UNLUCKY_ATTEMPTS_MAX: u32 = 3;

/// What may happen to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A person lets it be taken.
    MadeReady,
    /// A person takes it back, to change it or to let it wait.
    SetAside,
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
    /// A person wants one more attempt at what is over.
    Retried,
}

/// How an attempt ended, with what decides about the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// How.
    pub outcome: OutcomeKind,
    /// Earlier attempts that ended as lost or interrupted, since a person last wanted one more.
    pub unlucky_before: u32,
    /// Whether a person had called the job off.
    pub cancel_requested: bool,
}

/// What of a job may be changed by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Title and instructions.
    Text,
    /// Who may take it, with which agent, and how soon.
    Routing,
}

/// Whether a job in `state` can be changed so: nothing changes under whoever works on it.
pub const fn may_edit(state: JobState, edit: Edit) -> bool {
    match edit {
        Edit::Text => matches!(state, JobState::Backlog),
        Edit::Routing => matches!(state, JobState::Backlog | JobState::Ready),
    }
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
        | (JobState::InProgress, Event::Withdrawn)
        | (
            JobState::AwaitingReview | JobState::Done | JobState::Failed | JobState::Cancelled,
            Event::Retried,
        ) => Ok(JobState::Ready),
        (JobState::Backlog | JobState::Ready, Event::SetAside) => Ok(JobState::Backlog),
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
            | Event::SetAside
            | Event::Claimed
            | Event::Withdrawn
            | Event::TakenBack
            | Event::Ended(_)
            | Event::Retried,
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
        | (
            OutcomeKind::Failed
            | OutcomeKind::Interrupted
            | OutcomeKind::Lost
            | OutcomeKind::RunnerRemoved,
            true,
        ) => JobState::Cancelled,
        // A person took the machine away; that says nothing against the job.
        (OutcomeKind::RunnerRemoved, false) => JobState::Ready,
        (OutcomeKind::Interrupted | OutcomeKind::Lost, false) if again => JobState::Ready,
        (OutcomeKind::Failed | OutcomeKind::Interrupted | OutcomeKind::Lost, false) => {
            JobState::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(outcome: OutcomeKind, unlucky_before: u32, cancel_requested: bool) -> Event {
        Event::Ended(End {
            outcome,
            unlucky_before,
            cancel_requested,
        })
    }

    /// Every state with every event; what is not listed is refused.
    #[test]
    fn the_moves_of_a_job_are_these_and_no_others() {
        use JobState::{AwaitingReview, Backlog, Cancelled, Done, Failed, InProgress, Ready};
        let moves = [
            (Backlog, Event::MadeReady, Ready),
            (Ready, Event::MadeReady, Ready),
            (Backlog, Event::SetAside, Backlog),
            (Ready, Event::SetAside, Backlog),
            (Ready, Event::Claimed, InProgress),
            (Ready, Event::TakenBack, InProgress),
            (InProgress, Event::Withdrawn, Ready),
            (InProgress, ended(OutcomeKind::Succeeded, 0, false), Done),
            (Backlog, Event::CancelRequested, Cancelled),
            (Ready, Event::CancelRequested, Cancelled),
            (AwaitingReview, Event::CancelRequested, Cancelled),
            (InProgress, Event::CancelRequested, InProgress),
            (AwaitingReview, Event::Retried, Ready),
            (Done, Event::Retried, Ready),
            (Failed, Event::Retried, Ready),
            (Cancelled, Event::Retried, Ready),
        ];
        let events = [
            Event::MadeReady,
            Event::SetAside,
            Event::Claimed,
            Event::Withdrawn,
            Event::TakenBack,
            ended(OutcomeKind::Succeeded, 0, false),
            Event::CancelRequested,
            Event::Retried,
        ];
        for state in JobState::ALL {
            for event in events {
                let listed = moves
                    .iter()
                    .find(|(from, what, _)| (*from, *what) == (state, event))
                    .map(|(_, _, to)| *to);
                let refused = match state {
                    Done | Failed | Cancelled => Refused::AlreadyOver(state),
                    Backlog | Ready | InProgress | AwaitingReview => Refused::NotFromHere(state),
                };
                assert_eq!(
                    next(state, event),
                    listed.ok_or(refused),
                    "{state} {event:?}"
                );
            }
        }
    }

    #[test]
    fn text_is_settled_with_ready_and_routing_with_the_first_claim() {
        for state in JobState::ALL {
            let backlog = state == JobState::Backlog;
            assert_eq!(may_edit(state, Edit::Text), backlog);
            let waits = backlog || state == JobState::Ready;
            assert_eq!(may_edit(state, Edit::Routing), waits);
        }
    }

    #[test]
    fn the_end_of_an_attempt_takes_the_job_along() {
        for (outcome, unlucky_before, cancel_requested, state) in [
            (OutcomeKind::Succeeded, 0, false, JobState::Done),
            (OutcomeKind::Succeeded, 0, true, JobState::Done),
            (OutcomeKind::Failed, 0, false, JobState::Failed),
            (OutcomeKind::Failed, 0, true, JobState::Cancelled),
            (OutcomeKind::Cancelled, 0, false, JobState::Cancelled),
            (OutcomeKind::Interrupted, 0, false, JobState::Ready),
            (OutcomeKind::Interrupted, 0, true, JobState::Cancelled),
            (OutcomeKind::Lost, 1, false, JobState::Ready),
            (OutcomeKind::Lost, 2, false, JobState::Failed),
            (OutcomeKind::Interrupted, 2, false, JobState::Failed),
            (OutcomeKind::Lost, u32::MAX - 1, false, JobState::Failed),
            (OutcomeKind::Lost, 0, true, JobState::Cancelled),
            (OutcomeKind::RunnerRemoved, 9, false, JobState::Ready),
            (OutcomeKind::RunnerRemoved, 0, true, JobState::Cancelled),
        ] {
            let event = ended(outcome, unlucky_before, cancel_requested);
            assert_eq!(next(JobState::InProgress, event), Ok(state), "{event:?}");
        }
    }
}
