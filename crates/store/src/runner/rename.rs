//! A runner's name, which its owner may change.

use protocol::{
    ids::{AccountId, RunnerId},
    time::Timestamp,
};

use super::moment::{self, Where, who};
use crate::{
    Audit, Result, Store, audit,
    engine::{Conn, sql, sql_for_update},
};

/// What came of another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renamed {
    /// It has the name now.
    Done,
    /// It had it before.
    AsBefore,
    /// Another runner of the account has it.
    NameTaken,
    /// The account has no such runner.
    Gone,
}

impl Store {
    /// Gives a runner of `owner` another name, everywhere.
    pub async fn rename_runner(
        &self,
        owner: AccountId,
        runner_id: RunnerId,
        name: String,
        line: Audit,
        now: Timestamp,
    ) -> Result<Renamed> {
        let args = (owner, runner_id, name, line, now);
        self.write(args, |tx, (owner, runner, name, line, now)| {
            Box::pin(rename(tx, *owner, *runner, name, line, *now))
        })
        .await
    }
}

async fn rename(
    tx: &mut Conn,
    owner: AccountId,
    runner: RunnerId,
    name: &str,
    line: &Audit,
    now: Timestamp,
) -> Result<Renamed> {
    // Names are chosen one at a time within an account, here and at registration.
    tx.one(sql_for_update!(
        "SELECT id FROM accounts WHERE id = $1",
        owner
    ))
    .await?;
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT name FROM runners WHERE id = $1 AND account_id = $2 AND removed_at IS NULL",
            runner,
            owner
        ))
        .await?
    else {
        return Ok(Renamed::Gone);
    };
    let before = row.text("name")?;
    if before == name {
        return Ok(Renamed::AsBefore);
    }
    let taken = tx
        .one(sql!(
            "SELECT id FROM runners
             WHERE account_id = $1 AND name = $2 AND id <> $3 AND removed_at IS NULL",
            owner,
            name,
            runner
        ))
        .await?;
    if taken.is_some() {
        return Ok(Renamed::NameTaken);
    }
    tx.run(sql!(
        "UPDATE runners SET name = $2 WHERE id = $1",
        runner,
        name
    ))
    .await?;
    let text = format!("{} renamed it from {before} to {name}.", who(line));
    moment::add(tx, runner, Where::Everywhere, now, "renamed", &text).await?;
    audit::write(tx, line, now).await?;
    Ok(Renamed::Done)
}
