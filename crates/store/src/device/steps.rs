//! What a person decides and what a device asks, each within a transaction.

use protocol::{
    api::{ClientKind, DeviceDecision},
    ids::AccountId,
    time::Timestamp,
};

use super::{DeviceCode, DeviceDecided, DevicePoll};
use crate::{
    NewGrant, Result, TokenHashes,
    device_rule::{self, Answer, Code},
    engine::{Conn, Row, Value, sql, sql_for_update},
    grant::create_grant,
};

pub(super) async fn decide(
    tx: &mut Conn,
    user_code: &str,
    account_id: AccountId,
    decision: DeviceDecision,
    now: Timestamp,
) -> Result<DeviceDecided> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT * FROM device_codes WHERE user_code = $1",
            user_code
        ))
        .await?
    else {
        return Ok(DeviceDecided::Invalid);
    };
    let Some(code) = device_rule::decide(code_of(&row)?, decision, now) else {
        return Ok(DeviceDecided::Invalid);
    };
    tx.run(sql!(
        "UPDATE device_codes SET state = $2, account_id = $3 WHERE user_code = $1",
        user_code,
        Value::word(&code.state),
        account_id
    ))
    .await?;
    Ok(DeviceDecided::Done)
}

pub(super) async fn poll(
    tx: &mut Conn,
    device_hash: &str,
    client: ClientKind,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<DevicePoll> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT * FROM device_codes WHERE device_hash = $1",
            device_hash
        ))
        .await?
    else {
        return Ok(DevicePoll::Invalid);
    };
    let device = DeviceCode::read(&row)?;
    if device.client != client {
        return Ok(DevicePoll::Invalid);
    }
    let (code, answer) = device_rule::poll(code_of(&row)?, now);
    tx.run(sql!(
        "UPDATE device_codes SET state = $2, interval_s = $3, polled_at = $4
         WHERE device_hash = $1",
        device_hash,
        Value::word(&code.state),
        code.interval_s,
        now
    ))
    .await?;
    Ok(match answer {
        Answer::Pending => DevicePoll::Pending,
        Answer::SlowDown => DevicePoll::SlowDown {
            interval_s: code.interval_s,
        },
        Answer::Denied => DevicePoll::Denied,
        Answer::Expired => DevicePoll::Expired,
        Answer::Used => DevicePoll::Invalid,
        Answer::Grant => {
            let Some(account_id) = row.parsed_option("account_id")? else {
                return Ok(DevicePoll::Invalid);
            };
            let new = NewGrant {
                account_id,
                kind: client.into(),
                runner_id: None,
                machine: device.machine,
                system: device.system,
            };
            DevicePoll::Granted(Box::new(create_grant(tx, &new, tokens, now).await?))
        }
    })
}

/// What of a device code the rule decides about.
fn code_of(row: &Row) -> Result<Code> {
    Ok(Code {
        state: row.word("state")?,
        expires_at: row.time("expires_at")?,
        interval_s: row.count("interval_s")?,
        last_polled_at: row.time_option("polled_at")?,
    })
}
