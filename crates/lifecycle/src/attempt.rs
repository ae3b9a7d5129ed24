//! The life of one attempt as the coordinator keeps it.
//!
//! Assigned → held under a lease → ended. Proof of ownership is the fence: it
//! rises with each claim of the job, never at any other moment, so a runner that
//! was silent and comes back before the next claim simply goes on.
//!
//! Not here: what the end of an attempt means for its job (`job`), what a runner
//! may do with the lease that it was granted (`held`).

mod words;

use protocol::{
    job::{JobState, OutcomeKind, Phase},
    limits::{ASSIGNMENT_ACCEPT_MS, CANCEL_DEADLINE_MS},
    time::Timestamp,
};

pub use words::{Attempt, Effect, Event, Facts, Refused, Stage};

/// Silence of a worker after which its lease is no longer renewed, in milliseconds.
pub const WORKER_SILENT_AFTER_MS: u64 = 30_000;

/// The attempt that a claim at `now` makes, of a job whose fence was `job_fence`.
pub const fn claimed(job_fence: u64, now: Timestamp) -> Attempt {
    Attempt {
        fence: job_fence + 1,
        stage: Stage::Assigned {
            accept_by: now.plus_millis(ASSIGNMENT_ACCEPT_MS),
        },
        cancel_by: None,
    }
}

/// Whether a listing proves that somebody still looks after the attempt.
///
/// While it is assigned no worker exists yet, and from publishing on the service
/// itself has taken over; in between the worker has to have answered lately.
pub const fn is_looked_after(phase: Phase, worker_answered_ms_ago: u64) -> bool {
    match phase {
        Phase::Assigned | Phase::Publishing | Phase::Ended => true,
        Phase::Preparing | Phase::Running | Phase::Retrying | Phase::Parked | Phase::Packaging => {
            worker_answered_ms_ago < WORKER_SILENT_AFTER_MS
        }
    }
}

/// Whether entries of the attempt's streams that arrive now are kept as late ones.
///
/// They are always kept; an outcome, artifacts and publishing are refused then.
pub fn is_late(attempt: Attempt, facts: Facts) -> bool {
    facts.job_fence != attempt.fence || !matches!(attempt.stage, Stage::Held { .. })
}

/// Applies `event` to `attempt`.
pub fn apply(
    attempt: Attempt,
    event: Event,
    facts: Facts,
) -> Result<(Attempt, Vec<Effect>), Refused> {
    match event {
        Event::Listed {
            fence,
            phase,
            worker_answered_ms_ago,
        } => {
            check_fence(attempt, fence, facts)?;
            let looked_after = is_looked_after(phase, worker_answered_ms_ago);
            listed(attempt, phase, looked_after, facts)
        }
        Event::Reported { fence, outcome } => {
            check_fence(attempt, fence, facts)?;
            reported(attempt, outcome, facts)
        }
        Event::Checked => Ok(checked(attempt, facts)),
        Event::Overdue { ends_by } => Ok(overdue(attempt, ends_by, facts)),
        Event::CancelRequested => cancel_requested(attempt, facts),
        Event::Unlisted => Ok(unlisted(attempt)),
        Event::NotTaken { fence } => {
            check_fence(attempt, fence, facts)?;
            Ok(not_taken(attempt))
        }
        Event::RunnerEnded => Ok(runner_ended(attempt)),
        Event::RunnerRemoved => Ok(runner_removed(attempt)),
        Event::OwnerLeft => Ok(owner_left(attempt)),
    }
}

fn check_fence(attempt: Attempt, claimed: u64, facts: Facts) -> Result<(), Refused> {
    if claimed == attempt.fence && facts.job_fence == attempt.fence {
        return Ok(());
    }
    Err(Refused::StaleFence)
}

fn listed(
    attempt: Attempt,
    phase: Phase,
    looked_after: bool,
    facts: Facts,
) -> Result<(Attempt, Vec<Effect>), Refused> {
    let renewed = facts.now.plus_millis(facts.terms.lease_ms);
    match attempt.stage {
        Stage::Assigned { .. } => Ok((
            held(attempt, phase, renewed),
            vec![Effect::KeepNumber, Effect::Grant, Effect::Announce],
        )),
        Stage::Held {
            phase: before,
            lease_ends,
        } => {
            let mut effects = Vec::new();
            let mut ends = lease_ends;
            if looked_after {
                // A sync that was delayed must never shorten the lease.
                ends = lease_ends.max(renewed);
                effects.push(Effect::Grant);
            }
            if before != phase {
                effects.push(Effect::Announce);
            }
            Ok((held(attempt, phase, ends), effects))
        }
        Stage::Ended(OutcomeKind::Lost) if facts.job_state == JobState::Ready && looked_after => {
            Ok((
                held(attempt, phase, renewed),
                vec![Effect::TakeBack, Effect::Grant, Effect::Announce],
            ))
        }
        // Its worker is silent too: nobody could go on with it, but it is not refused for good.
        Stage::Ended(OutcomeKind::Lost) if facts.job_state == JobState::Ready => {
            Ok((attempt, Vec::new()))
        }
        Stage::Ended(_) | Stage::Withdrawn => Err(why_over(attempt, facts)),
    }
}

fn reported(
    attempt: Attempt,
    outcome: OutcomeKind,
    facts: Facts,
) -> Result<(Attempt, Vec<Effect>), Refused> {
    if matches!(outcome, OutcomeKind::Lost | OutcomeKind::RunnerRemoved) {
        return Err(Refused::NotReportable);
    }
    let over = Attempt {
        stage: Stage::Ended(outcome),
        ..attempt
    };
    match attempt.stage {
        Stage::Assigned { .. } => Err(Refused::NotConfirmed),
        Stage::Held { .. } => Ok((over, vec![Effect::Settle(outcome), Effect::Announce])),
        Stage::Ended(OutcomeKind::Lost) if facts.job_state == JobState::Ready => Ok((
            over,
            vec![Effect::TakeBack, Effect::Settle(outcome), Effect::Announce],
        )),
        Stage::Ended(_) | Stage::Withdrawn => Err(why_over(attempt, facts)),
    }
}

fn checked(attempt: Attempt, facts: Facts) -> (Attempt, Vec<Effect>) {
    let past = |moment: Timestamp, patience_ms: u64| {
        // Nobody could reach a coordinator that was away: time counts from its return on.
        facts.now > moment && facts.now > facts.up_since.plus_millis(patience_ms)
    };
    let cancel_due = attempt.cancel_by.is_some_and(|by| facts.now > by);
    match attempt.stage {
        Stage::Assigned { accept_by } if past(accept_by, ASSIGNMENT_ACCEPT_MS) => (
            Attempt {
                stage: Stage::Withdrawn,
                ..attempt
            },
            vec![Effect::GiveBack, Effect::Announce],
        ),
        Stage::Held { .. } if cancel_due => end(attempt, OutcomeKind::Cancelled),
        Stage::Held { lease_ends, .. }
            if past(
                lease_ends.plus_millis(facts.terms.grace_ms),
                facts.terms.patience_ms(),
            ) =>
        {
            end(attempt, OutcomeKind::Lost)
        }
        Stage::Assigned { .. } | Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => {
            (attempt, Vec::new())
        }
    }
}

/// Somebody who called it off has set a deadline of its own.
fn overdue(attempt: Attempt, ends_by: Timestamp, facts: Facts) -> (Attempt, Vec<Effect>) {
    // What ended while coordinators were away may still be handed over.
    let since_return = facts.up_since.plus_millis(facts.terms.patience_ms());
    let is_due = facts.now > ends_by && facts.now > since_return;
    match attempt.stage {
        Stage::Held { .. } if is_due && attempt.cancel_by.is_none() => {
            end(attempt, OutcomeKind::Failed)
        }
        Stage::Assigned { .. } | Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => {
            (attempt, Vec::new())
        }
    }
}

fn cancel_requested(attempt: Attempt, facts: Facts) -> Result<(Attempt, Vec<Effect>), Refused> {
    match attempt.stage {
        // No work has begun, so there is nobody to wait for.
        Stage::Assigned { .. } => Ok((
            Attempt {
                stage: Stage::Withdrawn,
                ..attempt
            },
            vec![Effect::GiveBack, Effect::CancelJob, Effect::Announce],
        )),
        Stage::Held { .. } => {
            // Asking again must not move the deadline.
            let cancel_by = attempt
                .cancel_by
                .unwrap_or_else(|| facts.now.plus_millis(CANCEL_DEADLINE_MS));
            Ok((
                Attempt {
                    cancel_by: Some(cancel_by),
                    ..attempt
                },
                vec![Effect::Announce],
            ))
        }
        Stage::Ended(_) | Stage::Withdrawn => Err(why_over(attempt, facts)),
    }
}

fn runner_ended(attempt: Attempt) -> (Attempt, Vec<Effect>) {
    match attempt.stage {
        Stage::Assigned { .. } => not_taken(attempt),
        Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => unlisted(attempt),
    }
}

fn runner_removed(attempt: Attempt) -> (Attempt, Vec<Effect>) {
    match attempt.stage {
        Stage::Held { .. } if attempt.cancel_by.is_none() => {
            end(attempt, OutcomeKind::RunnerRemoved)
        }
        Stage::Assigned { .. } | Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => {
            runner_ended(attempt)
        }
    }
}

fn not_taken(attempt: Attempt) -> (Attempt, Vec<Effect>) {
    match attempt.stage {
        Stage::Assigned { .. } => (
            Attempt {
                stage: Stage::Withdrawn,
                ..attempt
            },
            vec![Effect::GiveBack, Effect::Announce],
        ),
        // Said once more after it went back, or of work that has begun: nothing follows.
        Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => (attempt, Vec::new()),
    }
}

/// The attempt is cancelled and not the job: nobody has called that off.
fn owner_left(attempt: Attempt) -> (Attempt, Vec<Effect>) {
    match attempt.stage {
        Stage::Held { .. } if attempt.cancel_by.is_none() => (
            Attempt {
                stage: Stage::Ended(OutcomeKind::Cancelled),
                ..attempt
            },
            vec![Effect::Release, Effect::Announce],
        ),
        // A lost runner must not come back with a job of a workspace that it has left.
        Stage::Ended(OutcomeKind::Lost) => (
            Attempt {
                stage: Stage::Ended(OutcomeKind::Cancelled),
                ..attempt
            },
            vec![Effect::Announce],
        ),
        Stage::Assigned { .. } | Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => {
            runner_ended(attempt)
        }
    }
}

fn unlisted(attempt: Attempt) -> (Attempt, Vec<Effect>) {
    match attempt.stage {
        Stage::Held { .. } => {
            let outcome = if attempt.cancel_by.is_some() {
                OutcomeKind::Cancelled
            } else {
                OutcomeKind::Interrupted
            };
            end(attempt, outcome)
        }
        // An assignment may still be on its way; its own deadline judges it.
        Stage::Assigned { .. } | Stage::Ended(_) | Stage::Withdrawn => (attempt, Vec::new()),
    }
}

const fn held(attempt: Attempt, phase: Phase, lease_ends: Timestamp) -> Attempt {
    Attempt {
        stage: Stage::Held { phase, lease_ends },
        ..attempt
    }
}

fn end(attempt: Attempt, outcome: OutcomeKind) -> (Attempt, Vec<Effect>) {
    (
        Attempt {
            stage: Stage::Ended(outcome),
            ..attempt
        },
        vec![Effect::Settle(outcome), Effect::Announce],
    )
}

fn why_over(attempt: Attempt, facts: Facts) -> Refused {
    if facts.job_state == JobState::Cancelled {
        return Refused::Cancelled;
    }
    match attempt.stage {
        Stage::Withdrawn => Refused::Withdrawn,
        Stage::Ended(OutcomeKind::Cancelled) => Refused::Cancelled,
        Stage::Assigned { .. } | Stage::Held { .. } | Stage::Ended(_) => Refused::AlreadyEnded,
    }
}

#[cfg(test)]
mod tests;
