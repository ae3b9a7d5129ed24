//! Runners, as they last described themselves.

mod history;
pub(crate) mod moment;
mod named;
mod place;
pub(crate) mod refusal;
pub(crate) mod remove;
mod rename;
mod usage;
mod view;
mod wish;

use lifecycle::unanswered::{self, Unanswered};
use protocol::{
    agent::{Capabilities, Platform},
    ids::{AccountId, InstallationId, RunnerId},
    runner::{Pause, PauseWish, SharedUse, Slots, Trouble},
    time::Timestamp,
};

pub use named::AccountRunner;
pub use place::{PlaceChanged, RunnerPlace};
pub use refusal::RecentRefusal;
pub use rename::Renamed;
pub use view::RunnerInView;

use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// A machine's registration under an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Which.
    pub id: RunnerId,
    /// Whose.
    pub account_id: AccountId,
    /// Which data directory.
    pub installation_id: InstallationId,
    /// Its short id, for people.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// The machine, as it registered.
    pub platform: Platform,
    /// Version of the runner, as it registered.
    pub runner_version: String,
    /// When it was first registered.
    pub registered_at: Timestamp,
    /// When it was removed or signed out; it is in view no more.
    pub removed_at: Option<Timestamp>,
    /// When it was last heard of.
    pub last_sync_at: Option<Timestamp>,
    /// Capacity, as it last said.
    pub slots: Slots,
    /// Digest of what it can do.
    pub capabilities_digest: String,
    /// What it can do, once it has said so.
    pub capabilities: Option<Capabilities>,
    /// Set while it is paused.
    pub paused: Option<Pause>,
    /// Whether it finishes what it has and then stops.
    pub draining: bool,
    /// What keeps it from taking work.
    pub troubles: Vec<Trouble>,
    /// How many attempts it has had, over all workspaces.
    pub lifetime_attempts: u64,
    /// What its owner allows others to do with it, as it last said; nothing when it did not say.
    pub shared_use: Option<SharedUse>,
    /// Assignments that went back without an answer.
    pub unanswered: Unanswered,
    /// A pause or its end, asked for from afar, that it has not carried out yet.
    pub pause_wish: Option<PauseWish>,
}

impl Store {
    /// The runner, also when it has been removed.
    pub async fn runner(&self, id: RunnerId) -> Result<Option<Runner>> {
        let mut conn = self.reader().await?;
        conn.one(sql!("SELECT * FROM runners WHERE id = $1", id))
            .await?
            .map(|row| Runner::read(&row))
            .transpose()
    }
}

impl Runner {
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.parsed("id")?,
            account_id: row.parsed("account_id")?,
            installation_id: row.parsed("installation_id")?,
            short_id: row.text("short_id")?,
            name: row.text("name")?,
            platform: row.json("platform")?,
            runner_version: row.text("runner_version")?,
            registered_at: row.time("registered_at")?,
            removed_at: row.time_option("removed_at")?,
            last_sync_at: row.time_option("last_sync_at")?,
            slots: Slots {
                total: row.small("slots_total")?,
                free: row.small("slots_free")?,
            },
            capabilities_digest: row.text("capabilities_digest")?,
            capabilities: row.json_option("capabilities")?,
            paused: row.json_option("paused")?,
            draining: row.flag("draining")?,
            troubles: row.json("troubles")?,
            lifetime_attempts: row.count("lifetime_attempts")?,
            shared_use: row.json_option("shared_use")?,
            unanswered: Unanswered {
                times: row.small("unanswered")?,
                last: row.time_option("unanswered_at")?,
            },
            pause_wish: open_wish(row)?,
        })
    }

    /// What keeps it from taking work now; the first thing is what people are told.
    pub fn trouble(&self, now: Timestamp) -> Option<&str> {
        let own = self.troubles.first();
        let own = own.map(|trouble| trouble.message.as_str());
        own.or_else(|| self.unanswered.rests(now).then_some(unanswered::MESSAGE))
    }
}

/// The newest wish, unless the runner has carried it out.
fn open_wish(row: &Row) -> Result<Option<PauseWish>> {
    if row.count("pause_wished")? <= row.count("pause_revision")? {
        return Ok(None);
    }
    row.json_option("pause_wish")
}
