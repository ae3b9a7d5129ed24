//! Holding the rows on which a claim's verdict depends, so that they cannot change.

use crate::{
    Result,
    engine::{Conn, sql},
};

use super::Claim;

/// Holds them until the transaction ends; whether the job was there to be held.
///
/// Always in the same order, members first, since that is how a membership ends, too.
pub(super) async fn everything(tx: &mut Conn, claim: Claim) -> Result<bool> {
    if !tx.has_rivals() {
        return Ok(true);
    }
    people(tx, claim).await?;
    runner(tx, claim).await?;
    // Another coordinator may be at the same job: whoever comes second passes it over.
    let job = tx
        .one(sql!(
            "SELECT id FROM jobs WHERE id = $1 AND state = 'ready' FOR NO KEY UPDATE SKIP LOCKED",
            claim.job_id
        ))
        .await?;
    Ok(job.is_some())
}

/// The memberships of submitter and owner, and the submitter's count of jobs.
async fn people(tx: &mut Conn, claim: Claim) -> Result<()> {
    tx.all(sql!(
        "SELECT m.account_id FROM members m
         WHERE m.workspace_id = (SELECT j.workspace_id FROM jobs j WHERE j.id = $1)
           AND m.account_id IN ((SELECT j.created_by FROM jobs j WHERE j.id = $1),
                                (SELECT r.account_id FROM runners r WHERE r.id = $2))
         ORDER BY m.account_id FOR NO KEY UPDATE",
        claim.job_id,
        claim.runner_id
    ))
    .await?;
    if claim.limits.concurrent_jobs.is_some() {
        // One claim at a time for a submitter whose jobs are counted.
        tx.one(sql!(
            "SELECT id FROM accounts
             WHERE id = (SELECT j.created_by FROM jobs j WHERE j.id = $1)
             FOR NO KEY UPDATE",
            claim.job_id
        ))
        .await?;
    }
    Ok(())
}

/// The runner and its place in the workspace: whoever makes one that is not there yet
/// holds the runner's row, too.
async fn runner(tx: &mut Conn, claim: Claim) -> Result<()> {
    tx.one(sql!(
        "SELECT id FROM runners WHERE id = $1 FOR NO KEY UPDATE",
        claim.runner_id
    ))
    .await?;
    tx.one(sql!(
        "SELECT p.runner_id FROM runner_places p
         WHERE p.runner_id = $1
           AND p.workspace_id = (SELECT j.workspace_id FROM jobs j WHERE j.id = $2)
         FOR NO KEY UPDATE",
        claim.runner_id,
        claim.job_id
    ))
    .await?;
    Ok(())
}
