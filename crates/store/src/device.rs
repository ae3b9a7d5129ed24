//! Device codes (RFC 8628).

use protocol::{
    api::{ClientKind, DeviceDecision},
    ids::AccountId,
    time::Timestamp,
};

use crate::{Error, Grant, Result, Store, TokenHashes};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    Granted(Grant),
}

impl Store {
    /// Keeps a device code; false when the user code is taken already.
    pub async fn create_device_code(&self, new: NewDeviceCode, now: Timestamp) -> Result<bool> {
        let _ = (new, now);
        Err(Error::Closed)
    }

    /// The device code with this user code, unless it has ended.
    pub async fn device_code(&self, user_code: &str, now: Timestamp) -> Result<Option<DeviceCode>> {
        let _ = (user_code, now);
        Err(Error::Closed)
    }

    /// Writes a person's decision down.
    pub async fn decide_device_code(
        &self,
        user_code: &str,
        account_id: AccountId,
        decision: DeviceDecision,
        now: Timestamp,
    ) -> Result<DeviceDecided> {
        let _ = (user_code, account_id, decision, now);
        Err(Error::Closed)
    }

    /// A device asks; a confirmed code becomes a grant with these tokens, once.
    pub async fn poll_device_code(
        &self,
        device_hash: &str,
        client: ClientKind,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<DevicePoll> {
        let _ = (device_hash, client, tokens, now);
        Err(Error::Closed)
    }

    /// Removes device codes that ended a while ago; says how many.
    pub async fn sweep_device_codes(&self, now: Timestamp) -> Result<u64> {
        let _ = now;
        Err(Error::Closed)
    }
}
