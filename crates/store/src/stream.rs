//! Reading the two streams of an attempt.

use protocol::ids::AttemptId;

use crate::{
    Result, SealedLog, Store,
    engine::{Conn, Statement, sql},
};

/// Most entries that are read at once.
const PAGE_ENTRIES_MAX: u32 = 1000;

/// Some entries of a stream, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// Each entry's JSON, as it came.
    pub json: Vec<String>,
    /// Number of the last entry that is kept.
    pub last: u64,
    /// Whether the attempt has ended, so that nothing follows but late entries.
    pub ended: bool,
}

/// Some entries of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntries {
    /// Those that stand in the database.
    pub entries: Entries,
    /// Those before them that stand in the object store, in order.
    pub sealed: Vec<SealedLog>,
}

impl Store {
    /// Events after number `after`; none when there is no such attempt.
    pub async fn events(
        &self,
        attempt_id: AttemptId,
        after: u64,
        limit: u32,
    ) -> Result<Option<Entries>> {
        let mut conn = self.snapshot().await?;
        let ends = sql!(
            "SELECT events_last AS last, stage FROM attempts WHERE id = $1",
            attempt_id
        );
        let page = sql!(
            "SELECT body FROM events WHERE attempt_id = $1 AND n > $2 ORDER BY n LIMIT $3",
            attempt_id,
            after,
            limit.clamp(1, PAGE_ENTRIES_MAX)
        );
        let entries = read_page(&mut conn, ends, page).await?;
        conn.end_snapshot().await?;
        Ok(entries)
    }

    /// Log entries after number `after`; none when there is no such attempt.
    ///
    /// Entries that moved into the object store are not among them: where they stand
    /// is said instead, and the entries here are those that follow the sealed part.
    pub async fn log(
        &self,
        attempt_id: AttemptId,
        after: u64,
        limit: u32,
    ) -> Result<Option<LogEntries>> {
        let mut conn = self.snapshot().await?;
        let ends = sql!(
            "SELECT log_last AS last, stage FROM attempts WHERE id = $1",
            attempt_id
        );
        let page = sql!(
            "SELECT body FROM log_entries
             WHERE attempt_id = $1 AND n > $2
               AND n > (SELECT log_sealed FROM attempts WHERE id = $1)
             ORDER BY n LIMIT $3",
            attempt_id,
            after,
            limit.clamp(1, PAGE_ENTRIES_MAX)
        );
        let Some(entries) = read_page(&mut conn, ends, page).await? else {
            return Ok(None);
        };
        let sealed = conn
            .all(sql!(
                "SELECT first_n, last_n, sha256 FROM sealed_logs
                 WHERE attempt_id = $1 AND last_n > $2 ORDER BY first_n",
                attempt_id,
                after
            ))
            .await?
            .iter()
            .map(SealedLog::read)
            .collect::<Result<_>>()?;
        conn.end_snapshot().await?;
        Ok(Some(LogEntries { entries, sealed }))
    }
}

async fn read_page(conn: &mut Conn, ends: Statement, page: Statement) -> Result<Option<Entries>> {
    let Some(ends) = conn.one(ends).await? else {
        return Ok(None);
    };
    let rows = conn.all(page).await?;
    Ok(Some(Entries {
        json: rows
            .iter()
            .map(|row| row.text("body"))
            .collect::<Result<_>>()?,
        last: ends.count("last")?,
        ended: matches!(ends.text("stage")?.as_str(), "ended" | "withdrawn"),
    }))
}
