//! How attempts end by their runner's word.

use lifecycle::attempt::{self, Stage};
use protocol::{
    ids::{AttemptId, RunnerId},
    job::{JobState, Outcome},
    record::{Event, EventEntry},
    time::Timestamp,
};

use crate::{
    AttemptRef, Entry, Result, Store,
    engine::{Conn, Value, sql},
    entry::{keep_events, load_own},
    transition::{self, Standing},
};

/// An outcome that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeAccepted {
    /// Which attempt ended.
    pub at: AttemptRef,
    /// Where the job stands now.
    pub job_state: JobState,
    /// Number of the last event that is kept.
    pub last: u64,
    /// Whether this call, and not an earlier one, ended it.
    pub new: bool,
}

/// An outcome that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutcomeRefused {
    /// The rules of attempts refuse it.
    #[error(transparent)]
    Rule(#[from] attempt::Refused),
    /// Events before it are missing.
    #[error("events before the outcome are missing; send from number {}", .last + 1)]
    EventsMissing {
        /// Number of the last event that is kept.
        last: u64,
    },
    /// Log entries that it counts are missing.
    #[error("log entries that the outcome counts are missing; send from number {}", .last + 1)]
    LogMissing {
        /// Number of the last log entry that is kept.
        last: u64,
    },
    /// The event is not the end of an attempt.
    #[error("the event is not the end of an attempt")]
    NotAnEnd,
    /// The runner does not have such an attempt.
    #[error("this runner does not have such an attempt")]
    NotYours,
}

impl Store {
    /// Accepts the end of an attempt, once, with its last event, under the current fence.
    ///
    /// Everything that the outcome counts has to be there. Whether the log's checksum
    /// matches is found out afterwards (see [`Store::unchecked_logs`]): all entries are
    /// there by then, sending them again would change nothing, and a finished job must
    /// not hang on it.
    pub async fn accept_outcome(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        fence: u64,
        ended: Entry<EventEntry>,
        now: Timestamp,
    ) -> Result<std::result::Result<OutcomeAccepted, OutcomeRefused>> {
        self.write(
            (runner_id, attempt_id, fence, ended, now),
            |tx, (runner_id, attempt_id, fence, ended, now)| {
                Box::pin(accept(tx, *runner_id, *attempt_id, *fence, ended, *now))
            },
        )
        .await
    }
}

async fn accept(
    tx: &mut Conn,
    runner_id: RunnerId,
    attempt_id: AttemptId,
    fence: u64,
    ended: &Entry<EventEntry>,
    now: Timestamp,
) -> Result<std::result::Result<OutcomeAccepted, OutcomeRefused>> {
    let Event::Ended { outcome } = &ended.value.event else {
        return Ok(Err(OutcomeRefused::NotAnEnd));
    };
    let Some(standing) = load_own(tx, runner_id, attempt_id, fence).await? else {
        return Ok(Err(OutcomeRefused::NotYours));
    };
    if let Some(answer) = before_the_rules(&standing, ended.value.n, outcome) {
        return Ok(answer);
    }
    let event = attempt::Event::Reported {
        fence,
        outcome: outcome.kind,
    };
    let applied = match transition::apply(tx, standing, event, now, now).await? {
        Ok(applied) => applied,
        Err(refused) => return Ok(Err(refused.into())),
    };
    // Accepted, so it is not late, although the attempt has ended by now.
    keep_events(tx, &standing, std::slice::from_ref(ended), now).await?;
    tx.run(sql!(
        "UPDATE attempts SET outcome_detail = $2, usage = COALESCE($3, usage) WHERE id = $1",
        attempt_id,
        Value::json(outcome),
        Value::json_option(outcome.usage.as_ref())
    ))
    .await?;
    Ok(Ok(OutcomeAccepted {
        at: standing.at,
        job_state: applied.standing.job_state,
        last: ended.value.n,
        new: true,
    }))
}

/// Answers a repeated outcome, and one that comes before everything that it counts.
fn before_the_rules(
    standing: &Standing,
    n: u64,
    outcome: &Outcome,
) -> Option<std::result::Result<OutcomeAccepted, OutcomeRefused>> {
    let last = standing.events_last;
    if n <= last && standing.attempt.stage == Stage::Ended(outcome.kind) {
        return Some(Ok(OutcomeAccepted {
            at: standing.at,
            job_state: standing.job_state,
            last,
            new: false,
        }));
    }
    if n <= last {
        return Some(Err(attempt::Refused::AlreadyEnded.into()));
    }
    if n > last + 1 {
        return Some(Err(OutcomeRefused::EventsMissing { last }));
    }
    (outcome.log_last > standing.log_last).then_some(Err(OutcomeRefused::LogMissing {
        last: standing.log_last,
    }))
}
