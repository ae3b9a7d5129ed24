//! What people are told in the app.
//!
//! A notification is made in the transaction of what it tells of, for those who
//! want to hear of its kind, once for each thing that it is about.

mod job;
mod read;
mod runner;

use protocol::{
    api::{NotificationKind, NotificationSettings},
    ids::{AccountId, JobId, NotificationId, RunnerId, WorkspaceId},
    time::Timestamp,
};
use uuid::Uuid;

pub(crate) use job::{approval_waits, asks_are_over, job_is_over, question_waits};
pub use runner::SilentRunner;
pub(crate) use runner::runner_disabled;

use crate::{
    Result, Store,
    engine::{Conn, Value, sql},
};

/// Something that a person is to be told.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// Who.
    pub(crate) account_id: AccountId,
    /// What kind of thing.
    pub(crate) kind: NotificationKind,
    /// The thing itself; nobody is told twice of the same.
    pub(crate) about: String,
    /// In one line.
    pub(crate) text: String,
    /// In which workspace.
    pub(crate) workspace_id: Option<WorkspaceId>,
    /// About which job.
    pub(crate) job_id: Option<JobId>,
    /// About which runner.
    pub(crate) runner_id: Option<RunnerId>,
}

impl Store {
    /// What an account does not want to be told of.
    pub async fn notification_settings(
        &self,
        account_id: AccountId,
    ) -> Result<NotificationSettings> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!(
                "SELECT muted FROM notification_settings WHERE account_id = $1",
                account_id
            ))
            .await?;
        let muted = row.map_or(Ok(Vec::new()), |row| row.json("muted"))?;
        Ok(NotificationSettings { muted })
    }

    /// Keeps what an account does not want to be told of.
    pub async fn set_notification_settings(
        &self,
        account_id: AccountId,
        settings: NotificationSettings,
    ) -> Result<()> {
        self.write((account_id, settings), |tx, (account_id, settings)| {
            Box::pin(async move {
                tx.run(sql!(
                    "INSERT INTO notification_settings (account_id, muted) VALUES ($1, $2)
                     ON CONFLICT (account_id) DO UPDATE SET muted = excluded.muted",
                    *account_id,
                    Value::json(&settings.muted)
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Marks notifications of an account as read, all of them when none is named.
    pub async fn read_notifications(
        &self,
        account_id: AccountId,
        ids: Vec<NotificationId>,
        now: Timestamp,
    ) -> Result<()> {
        self.write((account_id, ids, now), |tx, (account_id, ids, now)| {
            Box::pin(async move {
                if ids.is_empty() {
                    tx.run(sql!(
                        "UPDATE notifications SET read_at = $2, changed_at = $2
                         WHERE account_id = $1 AND read_at IS NULL",
                        *account_id,
                        *now
                    ))
                    .await?;
                }
                for id in ids {
                    tx.run(sql!(
                        "UPDATE notifications SET read_at = $3, changed_at = $3
                         WHERE account_id = $1 AND id = $2 AND read_at IS NULL",
                        *account_id,
                        *id,
                        *now
                    ))
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Forgets notifications from before `oldest`; says how many.
    pub async fn sweep_notifications(&self, oldest: Timestamp) -> Result<u64> {
        self.write(oldest, |tx, oldest| {
            Box::pin(tx.run(sql!(
                "DELETE FROM notifications WHERE changed_at < $1",
                *oldest
            )))
        })
        .await
    }
}

/// Tells a person, unless they have been told or do not want to hear of it.
pub(crate) async fn tell(tx: &mut Conn, notice: &Notice, now: Timestamp) -> Result<()> {
    if is_muted(tx, notice.account_id, notice.kind).await? {
        return Ok(());
    }
    tx.run(sql!(
        "INSERT INTO notifications
         (id, account_id, kind, about, text, workspace_id, job_id, runner_id, created_at,
          changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         ON CONFLICT (account_id, kind, about) DO NOTHING",
        NotificationId(Uuid::now_v7()),
        notice.account_id,
        Value::word(&notice.kind),
        &notice.about,
        &notice.text,
        notice.workspace_id,
        notice.job_id,
        notice.runner_id,
        now
    ))
    .await?;
    Ok(())
}

async fn is_muted(tx: &mut Conn, account_id: AccountId, kind: NotificationKind) -> Result<bool> {
    let row = tx
        .one(sql!(
            "SELECT muted FROM notification_settings WHERE account_id = $1",
            account_id
        ))
        .await?;
    let muted: Vec<NotificationKind> = row.map_or(Ok(Vec::new()), |row| row.json("muted"))?;
    Ok(muted.contains(&kind))
}

/// What was about this is no longer of interest to anybody.
pub(crate) async fn settled(tx: &mut Conn, about: &str, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "UPDATE notifications SET read_at = $2, changed_at = $2
         WHERE about = $1 AND read_at IS NULL",
        about,
        now
    ))
    .await?;
    Ok(())
}
