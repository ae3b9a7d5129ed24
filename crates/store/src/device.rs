//! Device codes (RFC 8628).

mod steps;

use protocol::{
    api::{ClientKind, DeviceDecision},
    ids::AccountId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use steps::{decide, poll};

use crate::{
    Audit, Grant, Result, Store, TokenHashes, audit,
    engine::{Row, sql},
};

/// Time for which an ended code is still told apart from an unknown one.
const ENDED_KEPT_MS: u64 = 60 * 60 * 1000;

/// A device code to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviceCode {
    /// SHA-256 of the device's secret, in hexadecimal.
    pub device_hash: String,
    /// What the person compares, as `ABCD-EFGH`.
    pub user_code: String,
    /// What asks.
    pub client: ClientKind,
    /// The machine's name, as it says.
    pub machine: String,
    /// The machine's system, as it says.
    pub system: String,
    /// The network address from which it asks.
    pub address: String,
    /// Least time between two questions, in seconds.
    pub interval_s: u64,
    /// When the code ends.
    pub expires_at: Timestamp,
}

/// How far a device code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Nobody has decided.
    Pending,
    /// It may be traded for tokens.
    Confirmed,
    /// It was refused.
    Denied,
    /// It has been traded for tokens.
    Used,
}

/// A device code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// What the person compares.
    pub user_code: String,
    /// What asks.
    pub client: ClientKind,
    /// The machine's name, as it says.
    pub machine: String,
    /// The machine's system, as it says.
    pub system: String,
    /// The network address from which it asked.
    pub address: String,
    /// When it asked.
    pub created_at: Timestamp,
    /// When the code ends.
    pub expires_at: Timestamp,
    /// How far it is.
    pub state: DeviceState,
}

/// What came of a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceDecided {
    /// It is written down.
    Done,
    /// The code is unknown, has ended, or was decided before.
    Invalid,
}

/// What a device learns when it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevicePoll {
    /// Nobody has decided yet.
    Pending,
    /// It asks too often; the least time between questions has grown to this.
    SlowDown {
        /// In seconds.
        interval_s: u64,
    },
    /// It was refused.
    Denied,
    /// The code has ended.
    Expired,
    /// The code is unknown, was made for another client, or was used before.
    Invalid,
    /// It was confirmed: the tokens handed in are good now.
    Granted(Box<Grant>),
}

impl Store {
    /// Keeps a device code; false when the user code is taken already.
    pub async fn create_device_code(&self, new: NewDeviceCode, now: Timestamp) -> Result<bool> {
        self.write((new, now), |tx, (new, now)| {
            Box::pin(async move {
                let added = tx
                    .run(sql!(
                        "INSERT INTO device_codes
                         (device_hash, user_code, client, machine, system, address,
                          interval_s, created_at, expires_at, state)
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending')
                         ON CONFLICT (user_code) DO NOTHING",
                        &new.device_hash,
                        &new.user_code,
                        client_word(new.client),
                        &new.machine,
                        &new.system,
                        &new.address,
                        new.interval_s,
                        *now,
                        new.expires_at
                    ))
                    .await?;
                Ok(added == 1)
            })
        })
        .await
    }

    /// The device code with this user code, unless it has ended.
    pub async fn device_code(&self, user_code: &str, now: Timestamp) -> Result<Option<DeviceCode>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT * FROM device_codes WHERE user_code = $1 AND expires_at > $2",
            user_code,
            now
        ))
        .await?
        .map(|row| DeviceCode::read(&row))
        .transpose()
    }

    /// Writes a person's decision down.
    pub async fn decide_device_code(
        &self,
        user_code: &str,
        account_id: AccountId,
        decision: DeviceDecision,
        line: Option<Audit>,
        now: Timestamp,
    ) -> Result<DeviceDecided> {
        self.write(
            (user_code.to_owned(), account_id, decision, line, now),
            |tx, (user_code, account_id, decision, line, now)| {
                Box::pin(async move {
                    let decided = decide(tx, user_code, *account_id, *decision, *now).await?;
                    if let (DeviceDecided::Done, Some(line)) = (decided, line) {
                        audit::write(tx, line, *now).await?;
                    }
                    Ok(decided)
                })
            },
        )
        .await
    }

    /// A device asks; a confirmed code becomes a grant with these tokens, once.
    pub async fn poll_device_code(
        &self,
        device_hash: &str,
        client: ClientKind,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<DevicePoll> {
        self.write(
            (device_hash.to_owned(), client, tokens, now),
            |tx, (device_hash, client, tokens, now)| {
                Box::pin(poll(tx, device_hash, *client, tokens, *now))
            },
        )
        .await
    }

    /// Removes device codes that ended a while ago; says how many.
    pub async fn sweep_device_codes(&self, now: Timestamp) -> Result<u64> {
        self.write(now, |tx, now| {
            Box::pin(tx.run(sql!(
                "DELETE FROM device_codes WHERE expires_at + $2 <= $1",
                *now,
                ENDED_KEPT_MS
            )))
        })
        .await
    }
}

impl DeviceCode {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            user_code: row.text("user_code")?,
            client: row.word("client")?,
            machine: row.text("machine")?,
            system: row.text("system")?,
            address: row.text("address")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
            state: row.word("state")?,
        })
    }
}

const fn client_word(client: ClientKind) -> &'static str {
    match client {
        ClientKind::Runner => "runner",
        ClientKind::CommandLine => "command_line",
    }
}
