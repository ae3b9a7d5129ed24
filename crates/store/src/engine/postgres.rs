//! PostgreSQL: each write is a transaction of its own.

use std::{str::FromStr as _, time::Duration};

use lifecycle::lease::LeaseTerms;
use rand::RngExt as _;
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Conn, TURN_WAIT_MAX, Work,
    error::{is_conflict, is_stale_plan},
    migrations::{self, Dialect},
};
use crate::{Error, Result};

/// How long the server works on one statement before it gives up, in milliseconds.
const STATEMENT_MS_MAX: &str = "15000";
/// How long the server keeps a transaction open in which nothing happens, in milliseconds.
const IDLE_IN_TRANSACTION_MS_MAX: &str = "30000";
/// How often a transaction that met another one is run again.
const TRIES_MAX: u32 = 8;
const CONNECTIONS_MAX: u32 = 20;
const STATEMENTS_CACHED_MAX: usize = 512;

/// Brings a database's structure to step `version`, and no further.
pub(super) async fn bring_to_step(url: &str, version: i64) -> Result<()> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Error::Address(error.to_string()))?
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    migrations::up_to(Dialect::Postgres, version)?
        .run(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// A PostgreSQL server.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: PgPool,
    terms: LeaseTerms,
}

impl Postgres {
    pub(super) async fn open(url: &str, terms: LeaseTerms) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| Error::Address(error.to_string()))?
            .application_name("coord")
            .statement_cache_capacity(STATEMENTS_CACHED_MAX)
            .options([
                ("statement_timeout", STATEMENT_MS_MAX),
                (
                    "idle_in_transaction_session_timeout",
                    IDLE_IN_TRANSACTION_MS_MAX,
                ),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(TURN_WAIT_MAX)
            .connect_with(options)
            .await?;
        migrations::of(Dialect::Postgres)?.run(&pool).await?;
        Ok(Self { pool, terms })
    }

    pub(super) async fn write<A: Sync, T>(&self, args: &A, work: Work<A, T>) -> Result<T> {
        let mut tries = 1;
        let mut stale_tries = 0;
        loop {
            match self.try_write(args, work).await {
                // At most once with each connection, which is closed then.
                Err(error) if stale_tries <= CONNECTIONS_MAX && is_stale_plan(&error) => {
                    stale_tries += 1;
                }
                Err(error) if tries < TRIES_MAX && is_conflict(&error) => {
                    let wait_ms = rand::rng().random_range(0..(5_u64 << tries));
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    async fn try_write<A: Sync, T>(&self, args: &A, work: Work<A, T>) -> Result<T> {
        let mut conn = self.acquire().await?;
        conn.begin().await?;
        match work(&mut conn, args).await {
            Ok(value) => {
                conn.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // A connection that cannot roll back is closed when it is dropped.
                let _ = conn.rollback().await;
                Err(error)
            }
        }
    }

    pub(super) async fn reader(&self) -> Result<Conn> {
        self.acquire().await
    }

    async fn acquire(&self) -> Result<Conn> {
        let connection = self.pool.acquire().await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => Error::Overloaded,
            sqlx::Error::PoolClosed => Error::Closed,
            other => Error::Database(other),
        })?;
        Ok(Conn::postgres(connection, self.terms))
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
