//! Notices between the coordinators of one database.
//!
//! A notice is a hint that something may have changed; it is sent after the commit,
//! may be lost, and then a slow look finds what it spoke of. Only PostgreSQL has them:
//! the embedded database has one coordinator.

use sqlx::postgres::PgListener;

use crate::{
    Result, Store,
    engine::{Engine, sql},
};

/// Longest notice; PostgreSQL refuses more than 8000 bytes.
pub const NOTICE_BYTES_MAX: usize = 7500;
const CHANNEL: &str = "coord";

/// A connection that hears the notices of all coordinators.
#[derive(Debug)]
pub struct Notices(PgListener);

impl Store {
    /// Sends a notice to every coordinator of this database, this one included.
    pub async fn send_notice(&self, text: String) -> Result<()> {
        let mut conn = self.reader().await?;
        conn.one(sql!("SELECT pg_notify('coord', $1) IS NULL AS sent", text))
            .await?;
        Ok(())
    }

    /// Begins to hear notices; none where there is only one coordinator.
    pub async fn hear_notices(&self) -> Result<Option<Notices>> {
        let Engine::Postgres(postgres) = self.engine() else {
            return Ok(None);
        };
        let mut listener = PgListener::connect_with(postgres.pool()).await?;
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await?;
        Ok(Some(Notices(listener)))
    }
}

impl Notices {
    /// The next notice; none when the connection broke, and some may have been missed.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let notice = self.0.try_recv().await?;
        Ok(notice.map(|notice| notice.payload().to_owned()))
    }
}
