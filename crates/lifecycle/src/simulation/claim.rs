//! A job and its attempts, as their rows have them.

use protocol::{
    ids::AttemptId,
    job::{JobState, OutcomeKind},
    time::Timestamp,
};

use super::wire::Entry;
use crate::{
    attempt::{self, Attempt, Effect, Event, Facts, Refused, Stage},
    job,
    lease::LeaseTerms,
};

pub(super) struct Job {
    pub(super) state: JobState,
    pub(super) fence: u64,
    pub(super) attempts: Vec<Claim>,
}

/// An attempt, with what the coordinator keeps of it.
pub(super) struct Claim {
    pub(super) id: AttemptId,
    pub(super) runner: usize,
    pub(super) attempt: Attempt,
    pub(super) ends_by: Timestamp,
    pub(super) kept: Vec<Entry>,
    pub(super) outcomes: u32,
    pub(super) manifest: Option<Vec<u64>>,
}

impl Claim {
    /// Whether its runner may still hand something over; one that was lost, until somebody else has the job.
    pub(super) fn may_go_on(&self, job: &Job) -> bool {
        match self.attempt.stage {
            Stage::Assigned { .. } | Stage::Held { .. } => true,
            Stage::Ended(OutcomeKind::Lost) => job.state == JobState::Ready,
            Stage::Ended(_) | Stage::Withdrawn => false,
        }
    }
}

impl Job {
    pub(super) fn new() -> Self {
        Self {
            state: JobState::Ready,
            fence: 0,
            attempts: Vec::new(),
        }
    }

    /// A job that is over stays so.
    pub(super) fn move_to(&mut self, state: JobState) -> Result<(), String> {
        if self.state.is_final() && self.state != state {
            return Err(format!("a job that was {} became {state}", self.state));
        }
        self.state = state;
        Ok(())
    }

    pub(super) fn apply(
        &mut self,
        claim: usize,
        event: Event,
        now: Timestamp,
        up_since: Timestamp,
        fence_ignored: bool,
    ) -> Result<Result<Vec<Effect>, Refused>, String> {
        let before = self.attempts[claim].attempt;
        let facts = Facts {
            now,
            up_since,
            job_fence: if fence_ignored {
                before.fence
            } else {
                self.fence
            },
            job_state: self.state,
            terms: LeaseTerms::default(),
        };
        let (after, effects) = match attempt::apply(before, event, facts) {
            Ok(applied) => applied,
            Err(refused) => return Ok(Err(refused)),
        };
        let unlucky = self.attempts[..claim].iter().filter(|earlier| {
            matches!(
                earlier.attempt.stage,
                Stage::Ended(OutcomeKind::Lost | OutcomeKind::Interrupted)
            )
        });
        let unlucky_before = u32::try_from(unlucky.count()).unwrap_or(u32::MAX);
        self.attempts[claim].attempt = after;
        for effect in &effects {
            let event = match *effect {
                Effect::TakeBack => job::Event::TakenBack,
                Effect::GiveBack | Effect::Release => job::Event::Withdrawn,
                Effect::CancelJob => job::Event::CancelRequested,
                Effect::Settle(outcome) => job::Event::Ended(job::End {
                    outcome,
                    unlucky_before,
                    cancel_requested: after.cancel_by.is_some(),
                }),
                Effect::KeepNumber | Effect::Grant | Effect::Announce => continue,
            };
            let state = job::next(self.state, event)
                .map_err(|refused| format!("the job cannot follow its attempt: {refused}"))?;
            self.move_to(state)?;
        }
        Ok(Ok(effects))
    }
}
