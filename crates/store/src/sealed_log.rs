//! Logs that moved into the object store, and those that are to.
//!
//! A log is moved in pieces without a gap: a whole log makes one, and what comes
//! late another. From the moment at which a piece is written down, readers take
//! its entries from the object; the rows are deleted afterwards.

use protocol::{ids::AttemptId, limits::ASSIGNMENT_ACCEPT_MS, time::Timestamp};

use crate::{
    Result, Store,
    engine::{Conn, Row, sql, sql_for_update},
    poisoned::{Page, read_each},
};

/// Most entries that are read at once.
const ROWS_AT_ONCE_MAX: u32 = 1000;
/// Most rows that one transaction deletes, so that nobody waits long behind it.
const ROWS_DELETED_MAX: u64 = 2000;
/// How long after its end a log without an outcome waits for what may come late.
const LATE_MS: u64 = 20 * ASSIGNMENT_ACCEPT_MS;

/// A part of a log that stands in the object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLog {
    /// Number of its first entry.
    pub first: u64,
    /// Number of its last entry.
    pub last: u64,
    /// SHA-256 over its lines.
    pub sha256: String,
}

/// A part of a log that is to be moved into the object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealableLog {
    /// Of which attempt.
    pub attempt_id: AttemptId,
    /// Number of its first entry.
    pub first: u64,
    /// Number of its last entry.
    pub last: u64,
}

impl Store {
    /// Logs that can be moved, in the order of their attempts, after that of `after`.
    ///
    /// Those with an outcome once they were compared with it, those without one when
    /// nobody is likely to add to them any more.
    pub async fn sealable_logs(
        &self,
        after: Option<&str>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Page<SealableLog>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id, log_sealed, log_last FROM attempts
                 WHERE stage IN ('ended', 'withdrawn') AND log_last > log_sealed
                   AND (log_check IN ('matches', 'differs') OR ended_at < $2) AND id > $1
                 ORDER BY id LIMIT $3",
                after.unwrap_or_default(),
                Timestamp(now.0.saturating_sub_unsigned(LATE_MS)),
                limit
            ))
            .await?;
        read_each(&rows, "id", limit, |row| {
            Ok(SealableLog {
                attempt_id: row.parsed("id")?,
                first: row.count("log_sealed")? + 1,
                last: row.count("log_last")?,
            })
        })
    }

    /// Entries of the part after number `after`, as they came, straight from their rows.
    pub async fn rows_to_seal(&self, part: SealableLog, after: u64) -> Result<Vec<String>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT body FROM log_entries
             WHERE attempt_id = $1 AND n > $2 AND n >= $3 AND n <= $4 ORDER BY n LIMIT $5",
            part.attempt_id,
            after,
            part.first,
            part.last,
            ROWS_AT_ONCE_MAX
        ))
        .await?
        .iter()
        .map(|row| row.text("body"))
        .collect()
    }

    /// Writes down that a piece stands in the object store, read back and compared.
    ///
    /// False when it does not go on where the sealed part ends: somebody else was first.
    pub async fn log_sealed(
        &self,
        attempt_id: AttemptId,
        piece: SealedLog,
        now: Timestamp,
    ) -> Result<bool> {
        self.write((attempt_id, piece, now), |tx, (id, piece, now)| {
            Box::pin(log_sealed(tx, *id, piece, *now))
        })
        .await
    }

    /// Attempts whose sealed entries may still be there as rows, after that of `after`.
    pub async fn logs_with_rows_left(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<AttemptId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT DISTINCT attempt_id FROM sealed_logs WHERE rows_left AND attempt_id > $1
                 ORDER BY attempt_id LIMIT $2",
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "attempt_id", limit, |row| row.parsed("attempt_id"))
    }

    /// Deletes some rows of entries that are sealed; whether more are left.
    pub async fn delete_sealed_rows(&self, attempt_id: AttemptId) -> Result<bool> {
        self.write(attempt_id, |tx, id| Box::pin(delete_sealed_rows(tx, *id)))
            .await
    }
}

impl SealedLog {
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            first: row.count("first_n")?,
            last: row.count("last_n")?,
            sha256: row.text("sha256")?,
        })
    }
}

async fn log_sealed(
    tx: &mut Conn,
    id: AttemptId,
    piece: &SealedLog,
    now: Timestamp,
) -> Result<bool> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT log_sealed, log_last FROM attempts WHERE id = $1",
            id
        ))
        .await?
    else {
        return Ok(false);
    };
    let goes_on = row.count("log_sealed")? + 1 == piece.first && piece.first <= piece.last;
    if !goes_on || piece.last > row.count("log_last")? {
        return Ok(false);
    }
    tx.run(sql!(
        "INSERT INTO sealed_logs (attempt_id, first_n, last_n, sha256, sealed_at, rows_left)
         VALUES ($1, $2, $3, $4, $5, TRUE)",
        id,
        piece.first,
        piece.last,
        &piece.sha256,
        now
    ))
    .await?;
    tx.run(sql!(
        "UPDATE attempts SET log_sealed = $2 WHERE id = $1",
        id,
        piece.last
    ))
    .await?;
    Ok(true)
}

async fn delete_sealed_rows(tx: &mut Conn, id: AttemptId) -> Result<bool> {
    let left = tx
        .one(sql!(
            "SELECT t.log_sealed, MIN(e.n) AS first_n
             FROM attempts t LEFT JOIN log_entries e ON e.attempt_id = t.id AND e.n <= t.log_sealed
             WHERE t.id = $1 GROUP BY t.log_sealed",
            id
        ))
        .await?;
    let Some(left) = left else { return Ok(false) };
    let sealed = left.count("log_sealed")?;
    let up_to = match left.int_option("first_n")? {
        Some(_) => sealed.min(left.count("first_n")? + ROWS_DELETED_MAX - 1),
        None => sealed,
    };
    tx.run(sql!(
        "DELETE FROM log_entries WHERE attempt_id = $1 AND n <= $2",
        id,
        up_to
    ))
    .await?;
    if up_to < sealed {
        return Ok(true);
    }
    tx.run(sql!(
        "UPDATE sealed_logs SET rows_left = FALSE WHERE attempt_id = $1 AND last_n <= $2",
        id,
        sealed
    ))
    .await?;
    Ok(false)
}
