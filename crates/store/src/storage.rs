//! How many bytes of files each workspace holds.

use protocol::ids::JobId;

use crate::{
    Result,
    engine::{Conn, sql},
};

/// Counts that files of a job now take `after` bytes where they took `before`.
pub(crate) async fn recount(tx: &mut Conn, job_id: JobId, before: u64, after: u64) -> Result<()> {
    if before == after {
        return Ok(());
    }
    tx.run(sql!(
        "UPDATE workspaces SET storage_bytes = storage_bytes + $2 - $3
         WHERE id = (SELECT j.workspace_id FROM jobs j WHERE j.id = $1)",
        job_id,
        after,
        before
    ))
    .await?;
    Ok(())
}
