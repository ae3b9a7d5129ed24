//! Reading the two streams of an attempt.

use protocol::{digest::RunningDigest, ids::AttemptId};

use crate::{
    Result, Store,
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
    pub async fn log(
        &self,
        attempt_id: AttemptId,
        after: u64,
        limit: u32,
    ) -> Result<Option<Entries>> {
        let mut conn = self.snapshot().await?;
        let ends = sql!(
            "SELECT log_last AS last, stage FROM attempts WHERE id = $1",
            attempt_id
        );
        let page = log_page(attempt_id, after, limit.clamp(1, PAGE_ENTRIES_MAX));
        let entries = read_page(&mut conn, ends, page).await?;
        conn.end_snapshot().await?;
        Ok(entries)
    }

    /// SHA-256 over the log's lines up to number `last`, as the runner makes it.
    pub async fn log_digest(&self, attempt_id: AttemptId, last: u64) -> Result<String> {
        let mut digest = RunningDigest::default();
        let mut after = 0;
        while after < last {
            let limit = u32::try_from(last - after).unwrap_or(u32::MAX);
            let page = log_page(attempt_id, after, limit.min(PAGE_ENTRIES_MAX));
            let rows = self.reader().await?.all(page).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                digest.update(row.text("body")?.as_bytes());
                digest.update(b"\n");
            }
            after += rows.len() as u64;
        }
        Ok(digest.hex())
    }
}

fn log_page(attempt_id: AttemptId, after: u64, limit: u32) -> Statement {
    sql!(
        "SELECT body FROM log_entries WHERE attempt_id = $1 AND n > $2 ORDER BY n LIMIT $3",
        attempt_id,
        after,
        limit
    )
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
