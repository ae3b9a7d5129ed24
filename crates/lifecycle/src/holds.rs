//! Why a Ready job waits.

use protocol::{
    api::RunnerRef,
    job::{Hold, RunnerRefusal, Target},
    time::Timestamp,
};

use crate::{
    limits::{JobLimits, JobUse, held_by},
    routing::{JobFacts, RunnerFacts, why_not},
};

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

/// What of a job itself may hold it back, whatever runners there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether its submitter is still a member of the workspace.
    pub submitter_is_member: bool,
    /// Whether attachments are still on their way.
    pub uploads_pending: bool,
    /// What plans allow.
    pub limits: JobLimits,
    /// What is used of it.
    pub used: JobUse,
}

/// The hold of a Ready job; none when a runner can take it now.
///
/// `runners` are all that are in view of the job's workspace, removed ones left out.
/// What only a person can change comes first, what ends by itself later.
pub fn hold_of(
    job: &JobFacts<'_>,
    standing: &Standing,
    runners: &[NamedRunner<'_>],
    now: Timestamp,
) -> Option<Hold> {
    if !standing.submitter_is_member {
        return Some(Hold::SubmitterGone);
    }
    if standing.uploads_pending {
        return Some(Hold::UploadsPending);
    }
    if let Target::Runner { runner_id } = job.target
        && !runners.iter().any(|runner| runner.facts.id == runner_id)
    {
        return Some(Hold::RunnerGone);
    }
    if let Some(hold) = held_by(&standing.limits, &standing.used, now) {
        return Some(hold);
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

    const NOW: Timestamp = Timestamp(1);
    const FREE: Standing = Standing {
        submitter_is_member: true,
        uploads_pending: false,
        limits: JobLimits {
            concurrent_jobs: Some(2),
            monthly_jobs: None,
            storage_bytes: None,
        },
        used: JobUse {
            under_way: 1,
            submitted_at: NOW,
            number_in_month: 1,
            storage_bytes: 0,
        },
    };

    fn job(target: Target) -> JobFacts<'static> {
        JobFacts {
            submitter: OWNER,
            submitter_email: "ada@example.org",
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
                shared_use: None,
                others_under_way: 0,
                online: false,
                paused: false,
                draining: false,
                capabilities: None,
                free_slots: 1,
                trouble: None,
                refused: None,
            },
        }
    }

    #[test]
    fn what_a_person_has_to_change_is_said_before_what_ends_by_itself() {
        let gone = Target::Runner {
            runner_id: RunnerId(Uuid::from_u128(9)),
        };
        let mut standing = Standing {
            submitter_is_member: false,
            uploads_pending: true,
            used: JobUse {
                under_way: 2,
                ..FREE.used
            },
            ..FREE
        };
        let hold = |standing: &Standing, target| hold_of(&job(target), standing, &[], NOW);
        assert_eq!(hold(&standing, gone), Some(Hold::SubmitterGone));
        standing.submitter_is_member = true;
        assert_eq!(hold(&standing, gone), Some(Hold::UploadsPending));
        standing.uploads_pending = false;
        assert_eq!(hold(&standing, gone), Some(Hold::RunnerGone));
        assert_eq!(
            hold(&standing, Target::My),
            Some(Hold::ConcurrentJobs { limit: 2 })
        );
        assert_eq!(
            hold(&FREE, Target::My),
            Some(Hold::NoRunner {
                runners: Vec::new()
            })
        );
    }

    #[test]
    fn each_runner_in_view_says_why_it_cannot() {
        let runners = [offline(1, "desk"), offline(2, "rack")];
        let Some(Hold::NoRunner { runners }) = hold_of(&job(Target::My), &FREE, &runners, NOW)
        else {
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
            hold_of(&job(chosen(2)), &FREE, &runners, NOW),
            Some(Hold::RunnerGone)
        );
        assert!(matches!(
            hold_of(&job(chosen(1)), &FREE, &runners, NOW),
            Some(Hold::NoRunner { .. })
        ));
    }
}
