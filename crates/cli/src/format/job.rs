//! Jobs, for people.

use std::fmt::Write as _;

use protocol::{
    api::{AttemptView, JobView},
    job::{Hold, JobState, OutcomeKind, Phase, Refusal, SharedUseLimit},
    record::Usage,
    time::Timestamp,
};

use super::{ago, bytes, printable, short};

/// A state, in words.
pub(crate) const fn state(state: JobState) -> &'static str {
    match state {
        JobState::Backlog => "Backlog",
        JobState::Ready => "Ready",
        JobState::InProgress => "In Progress",
        JobState::AwaitingReview => "Awaiting Review",
        JobState::Done => "Done",
        JobState::Failed => "Failed",
        JobState::Cancelled => "Cancelled",
    }
}

/// How an attempt ended, in words.
pub(crate) const fn outcome(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Succeeded => "succeeded",
        OutcomeKind::Failed => "failed",
        OutcomeKind::Cancelled => "cancelled",
        OutcomeKind::Interrupted => "interrupted",
        OutcomeKind::Lost => "lost",
        OutcomeKind::RunnerRemoved => "runner removed",
    }
}

/// Why a job waits, in words.
pub(crate) fn hold(hold: &Hold) -> String {
    match hold {
        Hold::UploadsPending => "attachments are still being uploaded".to_owned(),
        Hold::RunnerGone => "the chosen runner has been removed; choose another".to_owned(),
        Hold::ConcurrentJobs { limit } => {
            format!("its submitter has {limit} jobs under way, as many as their plan allows")
        }
        Hold::MonthlyQuota { limit, .. } => format!(
            "its submitter has submitted {limit} jobs this month, as many as their plan allows"
        ),
        Hold::StorageQuota { .. } => {
            "the workspace's owner has used up the storage of their plan".to_owned()
        }
        Hold::SubmitterGone => "its submitter is no longer a member of the workspace".to_owned(),
        Hold::NoRunner { runners } if runners.is_empty() => {
            "there is no runner; start one with `coord runner start`".to_owned()
        }
        Hold::NoRunner { runners } => {
            let mut text = "no runner can take it now:".to_owned();
            for runner in runners {
                let why = refusal(&runner.refusal);
                write!(text, "\n  {}: {why}", printable(&runner.name)).ok();
            }
            text
        }
    }
}

fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotTheTarget => "the job is not meant for it".to_owned(),
        Refusal::NotShared => "it is not shared here".to_owned(),
        Refusal::Disabled => "it is disabled in this workspace".to_owned(),
        Refusal::Offline => "it is offline".to_owned(),
        Refusal::Paused => "it is paused".to_owned(),
        Refusal::Draining => "it finishes what it has and then stops".to_owned(),
        Refusal::AgentUnavailable { agent: Some(agent) } => {
            format!("it has no usable agent `{agent}`")
        }
        Refusal::AgentUnavailable { agent: None } => "it has no usable agent".to_owned(),
        Refusal::ContextUnsupported => "it does not support the job's context".to_owned(),
        Refusal::NotConsented { to } => match to {
            SharedUseLimit::Off => "its owner lets nobody else use it",
            SharedUseLimit::Person => "its owner does not let the submitter use it",
            SharedUseLimit::Agent => "its owner does not let others use that agent",
            SharedUseLimit::Hours => "its owner does not let others use it at this time",
            SharedUseLimit::AtOnce => "others use as much of it as its owner allows",
        }
        .to_owned(),
        Refusal::NoFreeSlot => "all its slots are in use".to_owned(),
        Refusal::Unhealthy { message } => printable(message),
    }
}

/// A job with its attempts and files.
pub(crate) fn job_page(job: &JobView, now: Timestamp) -> String {
    let mut text = format!("#{}  {}\n", job.number, printable(&job.title));
    let mut line = |label: &str, value: &str| {
        writeln!(text, "{label:<11}{value}").ok();
    };
    line("Id", &job.id.to_string());
    line("State", state(job.state));
    if job.cancel_requested_at.is_some() && !job.state.is_final() {
        line("", "being cancelled");
    }
    if let Some(waiting) = &job.hold {
        line("Waits", &hold(waiting));
    }
    if let Some(agent) = &job.agent {
        line("Agent", &printable(agent.as_str()));
    }
    if let Some(model) = &job.model {
        line("Model", &printable(model));
    }
    if !job.extra_arguments.is_empty() {
        line("Arguments", &printable(&job.extra_arguments.join(" ")));
    }
    let by = printable(&job.created_by.name);
    line(
        "Submitted",
        &format!("{}, by {by}", ago(job.created_at, now)),
    );
    for attempt in &job.attempts {
        line(
            &format!("Attempt {}", attempt.number),
            &attempt_line(attempt, now),
        );
        if let Some(used) = attempt.usage.as_ref().filter(|used| used.tokens() > 0) {
            line("", &usage(used));
        }
        if attempt.turns.len() > 1 {
            for turn in &attempt.turns {
                line("", &format!("  turn {}: {}", turn.turn, usage(&turn.usage)));
            }
        }
    }
    for file in &job.attachments {
        let name = printable(&file.name);
        line("Attached", &format!("{name} ({})", bytes(file.size)));
    }
    for file in &job.artifacts {
        let path = printable(&file.path);
        line("Artifact", &format!("{path} ({})", bytes(file.size)));
    }
    let waiting = job
        .approvals
        .iter()
        .filter(|a| is_waiting(a.status))
        .count()
        + job
            .questions
            .iter()
            .filter(|q| is_waiting(q.status))
            .count();
    if waiting > 0 {
        line(
            "Needs you",
            &format!("{waiting} waiting: `coord approvals list`, `coord questions list`"),
        );
    }
    text
}

fn is_waiting(status: protocol::api::AnswerStatus) -> bool {
    status == protocol::api::AnswerStatus::Waiting
}

/// Tokens by kind, and the cost where it is known.
fn usage(used: &Usage) -> String {
    let mut text = format!("{} tokens in", used.input_tokens);
    for (count, what) in [
        (used.cached_tokens, "from the cache"),
        (used.cache_write_tokens, "into the cache"),
        (used.output_tokens, "out"),
    ] {
        if count > 0 {
            write!(text, ", {count} {what}").ok();
        }
    }
    if used.reasoning_tokens > 0 {
        write!(text, " ({} for thinking)", used.reasoning_tokens).ok();
    }
    if let Some(cost) = used.cost_usd {
        write!(text, ", about ${cost:.2}").ok();
    }
    text
}

fn attempt_line(attempt: &AttemptView, now: Timestamp) -> String {
    let end = match attempt.outcome {
        Some(kind) => outcome(kind),
        None => phase(attempt.state),
    };
    let mut text = format!("{end} on {}", printable(&attempt.runner));
    if let Some(agent) = &attempt.agent {
        write!(text, " by {}", printable(agent.as_str())).ok();
    }
    if attempt.unreachable {
        text.push_str(", which has not been heard of lately");
    }
    if let Some(parked) = attempt
        .parked
        .as_ref()
        .filter(|_| attempt.outcome.is_none())
    {
        let wait = parked.until.millis_since(now).div_ceil(60_000);
        write!(
            text,
            ", goes on by itself in about {wait} min: {}",
            short(&parked.reason, 200)
        )
        .ok();
    }
    let detail = attempt.outcome_detail.as_ref();
    if let Some(failure) = detail.and_then(|outcome| outcome.failure.as_ref()) {
        write!(text, ": {}", short(&failure.message, 200)).ok();
        if let Some(hint) = &failure.hint {
            write!(text, " ({})", short(hint, 200)).ok();
        }
    }
    text
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Assigned => "assigned",
        Phase::Preparing => "preparing",
        Phase::Running => "running",
        Phase::Retrying => "retrying",
        Phase::Parked => "parked",
        Phase::Packaging => "packaging",
        Phase::Publishing => "publishing",
        Phase::Ended => "ended",
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ids::RunnerId, job::RunnerRefusal};

    use super::*;

    #[test]
    fn a_hold_says_for_each_runner_why_not() {
        let runners = vec![RunnerRefusal {
            runner_id: RunnerId(uuid::Uuid::nil()),
            name: "box\u{1b}".to_owned(),
            refusal: Refusal::Paused,
        }];
        assert_eq!(
            hold(&Hold::NoRunner { runners }),
            "no runner can take it now:\n  box[U+001B]: it is paused"
        );
    }
}
