//! Registration: an account's token becomes a runner's own credentials.

use protocol::{
    agent::Platform,
    ids::{AccountId, InstallationId, SessionId},
    time::Timestamp,
};

use crate::{Error, Result, Runner, Store, TokenHashes};

/// A runner that registers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRunner {
    /// Whose.
    pub account_id: AccountId,
    /// Which data directory; the same one gets the same runner again.
    pub installation_id: InstallationId,
    /// Wished name.
    pub name: String,
    /// A random short id, used when the runner is new.
    pub short_id: String,
    /// The machine.
    pub platform: Platform,
    /// Version of the runner.
    pub runner_version: String,
    /// SHA-256 of the machine's id.
    pub machine_key: String,
    /// The account's grant that ends by this, where it was for this runner alone.
    pub revoke: Option<SessionId>,
}

/// What came of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The runner, with the tokens handed in as its own.
    Done(Box<Runner>),
    /// The short id is taken; try with another.
    ShortIdTaken,
}

impl Store {
    /// Registers a runner, or takes up its earlier registration.
    pub async fn register_runner(
        &self,
        new: NewRunner,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<Registered> {
        let _ = (new, tokens, now);
        Err(Error::Closed)
    }
}
