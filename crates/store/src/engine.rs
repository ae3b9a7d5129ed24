//! The two database engines behind one way of asking.
//!
//! A [`Statement`] is SQL with its values; a [`Conn`] runs it on whichever engine
//! there is; a [`Row`] is read by column name. Everything above this module is
//! written once. Where the engines differ, a statement carries both texts.

mod conn;
mod embedded;
mod error;
mod grouped;
mod migrations;
mod postgres;
mod readers;
#[cfg(test)]
pub(crate) mod recorded;
mod row;
mod slow;
mod sqlite;
mod statement;
#[cfg(test)]
mod tests;

pub(crate) use conn::Conn;
pub(crate) use row::Row;
pub(crate) use statement::{Statement, Value, sql, sql_for_delete, sql_for_update, sql_pair};

use std::time::Duration;

use futures::future::BoxFuture;
use lifecycle::lease::LeaseTerms;

use crate::Result;

/// How long a call waits for its turn before it is told to come back: a crowd is slowed
/// down and not refused, and hears of it before a request is given up.
const TURN_WAIT_MAX: Duration = Duration::from_secs(20);

/// The work of one transaction, as a function that can be run again.
pub(crate) type Work<A, T> = for<'t> fn(&'t mut Conn, &'t A) -> BoxFuture<'t, Result<T>>;

/// The engine that a store stands on.
#[derive(Debug)]
pub(crate) enum Engine {
    /// The embedded database.
    Sqlite(sqlite::Sqlite),
    /// A PostgreSQL server.
    Postgres(postgres::Postgres),
}

/// The newest step of the structure that this version knows.
pub(crate) fn newest_step() -> Result<i64> {
    migrations::newest()
}

/// Brings a database's structure to step `version`, and no further.
pub(crate) async fn bring_to_step(options: &crate::Options, version: i64) -> Result<()> {
    match options {
        crate::Options::Sqlite { path } => sqlite::bring_to_step(path, version).await,
        crate::Options::Postgres { url } => postgres::bring_to_step(url, version).await,
    }
}

impl Engine {
    /// Opens the database and brings its structure up to date.
    pub(crate) async fn open(options: &crate::Options, terms: LeaseTerms) -> Result<Self> {
        match options {
            crate::Options::Sqlite { path } => {
                sqlite::Sqlite::open(path, terms).await.map(Self::Sqlite)
            }
            crate::Options::Postgres { url } => postgres::Postgres::open(url, terms)
                .await
                .map(Self::Postgres),
        }
    }

    /// Runs `work` as one transaction that writes; what it returns has been committed.
    pub(crate) async fn write<A, T>(&self, args: A, work: Work<A, T>) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(args, work).await,
            Self::Postgres(postgres) => postgres.write(&args, work).await,
        }
    }

    /// A connection for statements that only read.
    pub(crate) async fn reader(&self) -> Result<Conn> {
        match self {
            Self::Sqlite(sqlite) => sqlite.reader().await,
            Self::Postgres(postgres) => postgres.reader().await,
        }
    }

    /// A connection in which every statement sees the same moment.
    pub(crate) async fn snapshot(&self) -> Result<Conn> {
        let mut conn = self.reader().await?;
        conn.begin_snapshot().await?;
        Ok(conn)
    }

    /// Finishes what waits, and closes the connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}
