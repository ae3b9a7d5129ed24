//! Why a Ready job waits.

use protocol::job::{Hold, RunnerRefusal, Target};

use crate::routing::{JobFacts, RunnerFacts, why_not};

/// A runner in view, with the name that people know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedRunner<'a> {
    /// Its name.
    pub name: &'a str,
    /// What decides about its jobs.
    pub facts: RunnerFacts<'a>,
}

/// The hold of a Ready job; none when a runner can take it now.
///
/// `uploads_pending` says that attachments are still on their way; `runners` are
/// all that are in view of the job's workspace, removed ones left out.
pub fn hold_of(
    job: &JobFacts<'_>,
    uploads_pending: bool,
    runners: &[NamedRunner<'_>],
) -> Option<Hold> {
    if uploads_pending {
        return Some(Hold::UploadsPending);
    }
    if let Target::Runner { runner_id } = job.target
        && !runners.iter().any(|runner| runner.facts.id == runner_id)
    {
        return Some(Hold::RunnerGone);
    }
    let mut refusals = Vec::with_capacity(runners.len());
    for runner in runners {
        match why_not(job, &runner.facts) {
            Ok(()) => return None,
            Err(refusal) => refusals.push(RunnerRefusal {
                runner_id: runner.facts.id,
                name: runner.name.to_owned(),
                refusal,
            }),
        }
    }
    Some(Hold::NoRunner { runners: refusals })
}
