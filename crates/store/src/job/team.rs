//! Who works on a job.

use protocol::{
    api::{PersonRef, TeamMember, TeamRole},
    ids::{AccountId, JobId},
    time::Timestamp,
};

use super::audit;
use crate::{
    Actor, Result, Store,
    engine::{Conn, Row, Value, sql, sql_for_update},
};

/// What came of changing a job's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamChanged {
    /// It is as wished.
    Changed,
    /// The account is not a member of the job's workspace, or not in the team it is to leave.
    NotAMember,
    /// The submitter leads, always.
    Submitter,
}

impl Store {
    /// The job's team: the submitter first, who leads, then by name.
    pub async fn team_of(&self, id: JobId) -> Result<Vec<TeamMember>> {
        let mut conn = self.reader().await?;
        let mut team = conn
            .all(sql!(
                "SELECT a.id, a.name, a.email, 'lead' AS role
                 FROM jobs j JOIN accounts a ON a.id = j.created_by WHERE j.id = $1",
                id
            ))
            .await?;
        team.extend(
            conn.all(sql!(
                "SELECT a.id, a.name, a.email, t.role
                 FROM job_team t JOIN accounts a ON a.id = t.account_id
                 WHERE t.job_id = $1 ORDER BY a.name, a.id",
                id
            ))
            .await?,
        );
        team.iter().map(read).collect()
    }

    /// Gives a member of the workspace a part in the job; none when there is no such job.
    pub async fn put_into_team(
        &self,
        id: JobId,
        account_id: AccountId,
        role: TeamRole,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<TeamChanged>> {
        let arguments = (id, account_id, role, by, now);
        self.write(arguments, |tx, (id, account_id, role, by, now)| {
            Box::pin(async move {
                match is_submitter(tx, *id, *account_id).await? {
                    None => return Ok(None),
                    Some(true) => return Ok(Some(TeamChanged::Submitter)),
                    Some(false) => {}
                }
                let before = part_of(tx, *id, *account_id).await?;
                let added = add_to_team(tx, *id, *account_id, *role).await?;
                if added == Some(TeamChanged::Changed) && before != Some(*role) {
                    audit::team_changed(tx, *id, *account_id, Some(*role), by, *now).await?;
                }
                Ok(added)
            })
        })
        .await
    }

    /// Takes somebody out of the job's team; none when there is no such job.
    pub async fn take_out_of_team(
        &self,
        id: JobId,
        account_id: AccountId,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<TeamChanged>> {
        self.write(
            (id, account_id, by, now),
            |tx, (id, account_id, by, now)| {
                Box::pin(async move {
                    match is_submitter(tx, *id, *account_id).await? {
                        None => return Ok(None),
                        Some(true) => return Ok(Some(TeamChanged::Submitter)),
                        Some(false) => {}
                    }
                    let taken_out = tx
                        .run(sql!(
                            "DELETE FROM job_team WHERE job_id = $1 AND account_id = $2",
                            *id,
                            *account_id
                        ))
                        .await?;
                    if taken_out > 0 {
                        audit::team_changed(tx, *id, *account_id, None, by, *now).await?;
                    }
                    Ok(Some(changed_by(taken_out)))
                })
            },
        )
        .await
    }
}

/// The account's part in the job, beside having submitted it.
async fn part_of(tx: &mut Conn, id: JobId, account_id: AccountId) -> Result<Option<TeamRole>> {
    tx.one(sql!(
        "SELECT role FROM job_team WHERE job_id = $1 AND account_id = $2",
        id,
        account_id
    ))
    .await?
    .map(|row| row.word("role"))
    .transpose()
}

/// Whether the account submitted the job; none when there is no such job.
async fn is_submitter(tx: &mut Conn, id: JobId, account_id: AccountId) -> Result<Option<bool>> {
    let row = tx
        .one(sql_for_update!(
            "SELECT created_by FROM jobs WHERE id = $1",
            id
        ))
        .await?;
    row.map(|row| Ok(row.parsed::<AccountId>("created_by")? == account_id))
        .transpose()
}

pub(super) async fn add_to_team(
    tx: &mut Conn,
    id: JobId,
    account_id: AccountId,
    role: TeamRole,
) -> Result<Option<TeamChanged>> {
    let added = tx
        .run(sql!(
            "INSERT INTO job_team (job_id, account_id, role)
             SELECT j.id, m.account_id, $3
             FROM jobs j JOIN members m ON m.workspace_id = j.workspace_id
             WHERE j.id = $1 AND m.account_id = $2
             ON CONFLICT (job_id, account_id) DO UPDATE SET role = excluded.role",
            id,
            account_id,
            Value::word(&role)
        ))
        .await?;
    Ok(Some(changed_by(added)))
}

const fn changed_by(rows: u64) -> TeamChanged {
    match rows {
        0 => TeamChanged::NotAMember,
        _ => TeamChanged::Changed,
    }
}

fn read(row: &Row) -> Result<TeamMember> {
    Ok(TeamMember {
        person: PersonRef {
            id: row.parsed("id")?,
            name: row.text("name")?,
            email: row.text("email")?,
        },
        role: row.word("role")?,
    })
}
