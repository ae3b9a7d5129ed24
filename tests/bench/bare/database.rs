//! A database with one row, and nothing but durable commits.

use std::path::Path;

use anyhow::Result;
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// About as much as one row of the product's holds.
const ROW_BYTES: usize = 800;

/// One connection, as durable as the product's.
pub(super) struct Database {
    connection: SqliteConnection,
}

impl Database {
    /// Makes the file and its one row.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let mut connection = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging()
            .connect()
            .await?;
        sqlx::query("CREATE TABLE kept (id INTEGER PRIMARY KEY, state TEXT, content TEXT)")
            .execute(&mut connection)
            .await?;
        sqlx::query("INSERT INTO kept VALUES (1, 'new', $1)")
            .bind("x".repeat(ROW_BYTES))
            .execute(&mut connection)
            .await?;
        connection.ping().await?;
        Ok(Self { connection })
    }

    /// Changes the row; it is on the disk when this returns.
    pub(super) async fn commit(&mut self, state: &str) -> Result<()> {
        sqlx::query("UPDATE kept SET state = $1 WHERE id = 1")
            .bind(state)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}
