//! Opening a store.

use std::{path::PathBuf, sync::Arc, time::Duration};

use lifecycle::lease::LeaseTerms;
use protocol::time::Timestamp;

use crate::{
    Error, Result,
    engine::{Conn, Engine, Work, sql},
};

/// Which database to use.
#[derive(Clone)]
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

impl std::fmt::Debug for Options {
    /// Leaves the address out, since it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            Self::Postgres { .. } => f.debug_struct("Postgres").finish_non_exhaustive(),
        }
    }
}

/// The coordinator's memory; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    engine: Arc<Engine>,
    terms: LeaseTerms,
}

impl Store {
    /// Opens the database and brings its structure up to date.
    pub async fn open(options: Options) -> Result<Self> {
        Self::open_with(options, LeaseTerms::default()).await
    }

    /// The same, with leases of these terms; every coordinator of a database has the same.
    pub async fn open_with(options: Options, terms: LeaseTerms) -> Result<Self> {
        let engine = Arc::new(Engine::open(&options, terms).await?);
        Ok(Self { engine, terms })
    }

    /// For how long silence of runners is borne.
    pub const fn terms(&self) -> LeaseTerms {
        self.terms
    }

    /// Whether the database answers within `limit`, for readiness checks.
    pub async fn ping(&self, limit: Duration) -> Result<()> {
        let answer = async {
            self.reader().await?.one(sql!("SELECT 1 AS answer")).await?;
            Ok(())
        };
        tokio::time::timeout(limit, answer)
            .await
            .unwrap_or(Err(Error::Overloaded))
    }

    /// The common clock of all coordinators of this database: the database's own
    /// on PostgreSQL, and `here` on the embedded one, which has one coordinator.
    pub async fn now(&self, here: Timestamp) -> Result<Timestamp> {
        match &*self.engine {
            Engine::Sqlite(_) => Ok(here),
            Engine::Postgres(_) => {
                let row = self
                    .reader()
                    .await?
                    .one(sql!(
                        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now"
                    ))
                    .await?;
                row.map_or(Ok(here), |row| row.time("now"))
            }
        }
    }

    /// Whether other coordinators may use the same database.
    pub fn is_shared(&self) -> bool {
        matches!(*self.engine, Engine::Postgres(_))
    }

    /// Finishes what waits, and closes the database.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs `work` as one transaction that writes; what it returns has been committed.
    pub(crate) async fn write<A, T>(&self, args: A, work: Work<A, T>) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.engine.write(args, work).await
    }

    /// A connection for statements that only read.
    pub(crate) async fn reader(&self) -> Result<Conn> {
        self.engine.reader().await
    }

    /// A connection in which every statement sees the same moment.
    pub(crate) async fn snapshot(&self) -> Result<Conn> {
        self.engine.snapshot().await
    }
}
