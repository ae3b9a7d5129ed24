//! What commands and reasons mean for an attempt that has no worker.

use protocol::{
    job::{Failure, FailureClass, Outcome, OutcomeKind},
    runner::{OrderKind, StopReason},
};

use super::Command;
use crate::link::EndReason;

/// What ends an attempt, when a command does; with the words for its summary.
pub(super) fn ending(command: &Command) -> Option<(OutcomeKind, String)> {
    match command {
        Command::Order(order) => match &order.order {
            OrderKind::Cancel { by, .. } => {
                Some((OutcomeKind::Cancelled, format!("Cancelled by {by}.")))
            }
            OrderKind::AnswerApproval { .. } | OrderKind::AnswerQuestion { .. } => None,
        },
        Command::End(EndReason::Cancelled { by }) => {
            Some((OutcomeKind::Cancelled, format!("Cancelled by {by}.")))
        }
        Command::End(EndReason::ServiceStopped) => Some((
            OutcomeKind::Interrupted,
            "The runner was stopped before the agent began.".to_owned(),
        )),
        Command::End(EndReason::NotOurs { because }) => {
            Some((OutcomeKind::Interrupted, because.clone()))
        }
        Command::AnswerApproval { .. } | Command::AnswerQuestion { .. } | Command::GoOn => None,
    }
}

/// Answers a command for which it is too early or too late.
pub(super) fn refuse(command: Command) {
    if let Command::AnswerApproval { reply, .. } | Command::AnswerQuestion { reply, .. } = command {
        reply
            .send(Err(protocol::error::Problem::new(
                protocol::error::ErrorCode::Conflict,
                "The agent does not wait for an answer.",
            )))
            .ok();
    }
}

/// Why an attempt is not this runner's any more, in words.
pub(super) fn not_ours(reason: StopReason) -> String {
    match reason {
        StopReason::FenceMovedOn => {
            "The job has been given to another attempt, since this runner was not heard of for too long".to_owned()
        }
        StopReason::Cancelled => "The job was cancelled".to_owned(),
        StopReason::Finished => "The coordinator has the outcome already".to_owned(),
        StopReason::Unknown => "The coordinator does not know this attempt any more".to_owned(),
    }
}

pub(super) fn lost(why: &str) -> Outcome {
    let failure = Failure {
        class: FailureClass::Transient,
        message: format!("The attempt was interrupted: {why}."),
        hint: None,
        until: None,
    };
    outcome(OutcomeKind::Interrupted, Some(failure), None)
}

pub(super) fn outcome(
    kind: OutcomeKind,
    failure: Option<Failure>,
    summary: Option<String>,
) -> Outcome {
    Outcome {
        kind,
        failure,
        summary,
        usage: None,
        log_last: 0,
        log_sha256: String::new(),
    }
}
