//! Why a Ready job waits.

use protocol::{
    api::RunnerRef,
    job::{Hold, RunnerRefusal, Target},
};

use crate::routing::{JobFacts, RunnerFacts, why_not};

/// A runner in view, with the name that people know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedRunner<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its short id.
    pub short_id: &'a str,
    /// What decides about its jobs.
    pub facts: RunnerFacts<'a>,
}

impl NamedRunner<'_> {
    /// The runner as people are told of it.
    pub fn named(&self) -> RunnerRef {
        RunnerRef {
            id: self.facts.id,
            short_id: self.short_id.to_owned(),
            name: self.name.to_owned(),
        }
    }
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

#[cfg(test)]
mod tests {
    use protocol::{
        api::Sharing,
        ids::{AccountId, RunnerId},
        job::{JobContext, Refusal},
    };
    use uuid::Uuid;

    use super::*;

    const OWNER: AccountId = AccountId(Uuid::from_u128(1));

    fn job(target: Target) -> JobFacts<'static> {
        JobFacts {
            submitter: OWNER,
            team: &[],
            target,
            agent: None,
            context: JobContext::Local,
        }
    }

    fn offline(id: u128, name: &str) -> NamedRunner<'_> {
        NamedRunner {
            name,
            short_id: "abc123",
            facts: RunnerFacts {
                id: RunnerId(Uuid::from_u128(id)),
                owner: OWNER,
                owner_is_member: true,
                sharing: Sharing::Private,
                disabled: false,
                online: false,
                paused: false,
                draining: false,
                capabilities: None,
                free_slots: 1,
                trouble: None,
            },
        }
    }

    #[test]
    fn a_job_waits_for_its_uploads_before_anything_else() {
        assert_eq!(
            hold_of(&job(Target::My), true, &[]),
            Some(Hold::UploadsPending)
        );
    }

    #[test]
    fn each_runner_in_view_says_why_it_cannot() {
        let runners = [offline(1, "desk"), offline(2, "rack")];
        let Some(Hold::NoRunner { runners }) = hold_of(&job(Target::My), false, &runners) else {
            panic!("no runner can take it")
        };
        let said: Vec<_> = runners
            .iter()
            .map(|entry| (entry.name.as_str(), &entry.refusal))
            .collect();
        assert_eq!(
            said,
            [("desk", &Refusal::Offline), ("rack", &Refusal::Offline)]
        );
    }

    #[test]
    fn a_chosen_runner_that_is_gone_has_to_be_replaced_by_a_person() {
        let chosen = |id| Target::Runner {
            runner_id: RunnerId(Uuid::from_u128(id)),
        };
        let runners = [offline(1, "desk")];
        assert_eq!(
            hold_of(&job(chosen(2)), false, &runners),
            Some(Hold::RunnerGone)
        );
        assert!(matches!(
            hold_of(&job(chosen(1)), false, &runners),
            Some(Hold::NoRunner { .. })
        ));
    }
}
