//! Who works on a job.

use protocol::{
    api::{PersonRef, TeamMember, TeamRole},
    ids::{AccountId, JobId},
};

use crate::{
    Result, Store,
    engine::{Conn, Row, Value, sql, sql_for_update},
};

/// What came of changing a job's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamChanged {
    /// It is as wished.
    Changed,
    /// The account is not a member of the job's workspace.
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
    ) -> Result<Option<TeamChanged>> {
        self.write((id, account_id, role), |tx, (id, account_id, role)| {
            Box::pin(async move {
                if let Some(refused) = changeable(tx, *id, *account_id).await? {
                    return Ok(refused);
                }
                add_to_team(tx, *id, *account_id, *role).await
            })
        })
        .await
    }

    /// Takes somebody out of the job's team; none when there is no such job.
    pub async fn take_out_of_team(
        &self,
        id: JobId,
        account_id: AccountId,
    ) -> Result<Option<TeamChanged>> {
        self.write((id, account_id), |tx, (id, account_id)| {
            Box::pin(async move {
                if let Some(refused) = changeable(tx, *id, *account_id).await? {
                    return Ok(refused);
                }
                tx.run(sql!(
                    "DELETE FROM job_team WHERE job_id = $1 AND account_id = $2",
                    *id,
                    *account_id
                ))
                .await?;
                Ok(Some(TeamChanged::Changed))
            })
        })
        .await
    }
}

/// Refuses when there is no such job, or the account is its submitter.
async fn changeable(
    tx: &mut Conn,
    id: JobId,
    account_id: AccountId,
) -> Result<Option<Option<TeamChanged>>> {
    let row = tx
        .one(sql_for_update!(
            "SELECT created_by FROM jobs WHERE id = $1",
            id
        ))
        .await?;
    let Some(row) = row else {
        return Ok(Some(None));
    };
    let submitter: AccountId = row.parsed("created_by")?;
    Ok((submitter == account_id).then_some(Some(TeamChanged::Submitter)))
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
    Ok(Some(if added == 0 {
        TeamChanged::NotAMember
    } else {
        TeamChanged::Changed
    }))
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
