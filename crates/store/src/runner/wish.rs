//! Pauses that somebody asks for elsewhere than at the machine.
//!
//! The newest wish stands until the runner says in a sync that it has carried it
//! out; whether the runner is paused is only ever what itself says.

use protocol::{
    ids::{AccountId, RunnerId},
    runner::{PauseTerms, PauseWish, RunnerSettings},
    time::Timestamp,
};

use super::{
    moment::{self, Where, who},
    open_wish,
};
use crate::{
    Audit, Result, Store, audit,
    engine::{Conn, Value, sql, sql_for_update},
};

impl Store {
    /// Asks a runner of `owner` to pause, or with no terms to go on; false when there is no such runner.
    pub async fn wish_pause(
        &self,
        owner: AccountId,
        runner_id: RunnerId,
        pause: Option<PauseTerms>,
        line: Audit,
        now: Timestamp,
    ) -> Result<bool> {
        let args = (owner, runner_id, pause, line, now);
        self.write(args, |tx, (owner, runner, pause, line, now)| {
            Box::pin(wish(tx, *owner, *runner, pause.as_ref(), line, *now))
        })
        .await
    }

    /// What the coordinator keeps for a runner; none when it has been removed.
    pub async fn runner_settings(&self, id: RunnerId) -> Result<Option<RunnerSettings>> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!(
                "SELECT name, pause_wish, pause_wished, pause_revision FROM runners
                 WHERE id = $1 AND removed_at IS NULL",
                id
            ))
            .await?;
        row.map(|row| {
            Ok(RunnerSettings {
                name: row.text("name")?,
                pause_wish: open_wish(&row)?,
            })
        })
        .transpose()
    }
}

async fn wish(
    tx: &mut Conn,
    owner: AccountId,
    runner: RunnerId,
    pause: Option<&PauseTerms>,
    line: &Audit,
    now: Timestamp,
) -> Result<bool> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT pause_wished, pause_revision FROM runners
             WHERE id = $1 AND account_id = $2 AND removed_at IS NULL",
            runner,
            owner
        ))
        .await?
    else {
        return Ok(false);
    };
    let revision = row
        .count("pause_wished")?
        .max(row.count("pause_revision")?)
        .saturating_add(1);
    let wish = PauseWish {
        revision,
        pause: pause.cloned(),
        by: who(line).to_owned(),
    };
    tx.run(sql!(
        "UPDATE runners SET pause_wish = $2, pause_wished = $3 WHERE id = $1",
        runner,
        Value::json(&wish),
        revision
    ))
    .await?;
    let (kind, text) = if pause.is_some() {
        ("pause_wished", format!("{} asked it to pause.", wish.by))
    } else {
        ("resume_wished", format!("{} asked it to go on.", wish.by))
    };
    moment::add(tx, runner, Where::Everywhere, now, kind, &text).await?;
    audit::write(tx, line, now).await?;
    Ok(true)
}
