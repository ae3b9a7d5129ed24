//! One look at the queue: each Ready job, in its order, to the first parked sync that can take it.

use std::collections::HashMap;

use lifecycle::routing::why_not;
use protocol::{
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};
use store::{Claim, Claimed, ReadyJob, WorkspaceKey};

use super::parked::Waiting;
use crate::{app::App, changes, facts};

/// How many jobs are read at once.
const PAGE_JOBS: u32 = 200;

/// A parked sync with what is left of its free slots in this round.
struct Candidate {
    waiting: Waiting,
    free: u32,
}

/// Gives out what can be given out now.
pub(super) async fn give_out(app: &App) -> Result<(), store::Error> {
    let mut candidates: Vec<Candidate> = app
        .scheduler
        .waiting()
        .into_iter()
        .map(|waiting| Candidate {
            free: waiting.runner.slots.free,
            waiting,
        })
        .collect();
    candidates.retain(|candidate| candidate.free > 0);
    let mut members = Members::default();
    let mut after = None;
    while !candidates.is_empty() {
        let jobs = app.store.ready_jobs(after, PAGE_JOBS).await?;
        let Some(last) = jobs.last() else {
            return Ok(());
        };
        after = Some((last.ready_at, last.id));
        for job in &jobs {
            give(app, job, &mut candidates, &mut members).await?;
            if candidates.is_empty() {
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn give(
    app: &App,
    job: &ReadyJob,
    candidates: &mut Vec<Candidate>,
    members: &mut Members,
) -> Result<(), store::Error> {
    let wanted = facts::of_job(&job.created_by, job.target, job.agent.as_ref(), job.context);
    let mut place = 0;
    while let Some(candidate) = candidates.get(place) {
        let runner = &candidate.waiting.runner;
        let belongs = members
            .belongs(app, job.workspace_id, runner.account_id)
            .await?;
        // A parked sync is the best proof that its runner is online.
        let able = facts::of_runner(runner, belongs, true, candidate.free);
        if why_not(&wanted, &able).is_err() {
            place += 1;
            continue;
        }
        match claim(app, job, &candidate.waiting).await? {
            Claimed::Done(at) => {
                changes::attempt(app, at);
                app.scheduler.wake(at.runner_id);
                // Whoever got something stands last now, so that work spreads.
                let mut taken = candidates.remove(place);
                taken.free -= 1;
                if taken.free > 0 {
                    candidates.push(taken);
                }
                return Ok(());
            }
            Claimed::JobGone => return Ok(()),
            Claimed::RunnerGone => {
                candidates.remove(place);
            }
        }
    }
    Ok(())
}

async fn claim(app: &App, job: &ReadyJob, waiting: &Waiting) -> Result<Claimed, store::Error> {
    let claim = Claim {
        job_id: job.id,
        runner_id: waiting.runner.id,
        boot_number: waiting.position.boot_number,
        seq: waiting.position.seq,
    };
    let now: Timestamp = app.store.now(app.now()).await?;
    let claimed = app.store.claim(claim, now).await?;
    if matches!(claimed, Claimed::Done(_)) {
        metrics::counter!("coord_claims_total").increment(1);
    }
    Ok(claimed)
}

/// Who belongs to which workspace, asked once a round.
#[derive(Default)]
struct Members(HashMap<(WorkspaceId, AccountId), bool>);

impl Members {
    async fn belongs(
        &mut self,
        app: &App,
        workspace_id: WorkspaceId,
        account_id: AccountId,
    ) -> Result<bool, store::Error> {
        if let Some(known) = self.0.get(&(workspace_id, account_id)) {
            return Ok(*known);
        }
        let member = app
            .store
            .member(&WorkspaceKey::Id(workspace_id), account_id)
            .await?;
        self.0.insert((workspace_id, account_id), member.is_some());
        Ok(member.is_some())
    }
}
