//! Entries of a log, wherever they stand: in the database, or sealed in the object store.

use protocol::{digest::RunningDigest, ids::AttemptId};
use store::{Entries, LogEntries};

use crate::{app::App, error::ApiError, objects, sealed, sealed::SealedReader};

/// How many entries are read at once for a digest.
const ENTRIES_AT_ONCE: u32 = 1000;

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Its rows.
    #[error("the log cannot be read")]
    Store(#[from] store::Error),
    /// Its sealed part.
    #[error("the sealed part of the log cannot be read")]
    Sealed(#[from] sealed::Unreadable),
    /// One of its entries.
    #[error("an entry of the log cannot be read")]
    Entry(#[from] serde_json::Error),
}

impl From<Unreadable> for ApiError {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Store(error) => error.into(),
            Unreadable::Sealed(_) | Unreadable::Entry(_) => Self::internal(&error),
        }
    }
}

/// Entries after number `after`; none when there is no such attempt.
pub(crate) async fn entries(
    app: &App,
    id: AttemptId,
    after: u64,
    limit: u32,
) -> Result<Option<Entries>, Unreadable> {
    let Some(LogEntries {
        mut entries,
        sealed,
    }) = app.store.log(id, after, limit).await?
    else {
        return Ok(None);
    };
    let limit = limit as usize;
    let mut found = Vec::new();
    for piece in sealed {
        if found.len() >= limit {
            break;
        }
        let path = objects::log_piece(id, piece.first, piece.last);
        let reader = SealedReader::open(&*app.objects, path).await?;
        found.extend(reader.entries(after, limit - found.len()).await?);
    }
    entries.json.truncate(limit.saturating_sub(found.len()));
    found.append(&mut entries.json);
    entries.json = found;
    Ok(Some(entries))
}

/// SHA-256 over the log's lines up to number `last`, as the runner makes it.
pub(crate) async fn digest(app: &App, id: AttemptId, last: u64) -> Result<String, Unreadable> {
    let mut digest = RunningDigest::default();
    let mut after = 0;
    while after < last {
        let limit = u32::try_from(last - after).unwrap_or(u32::MAX);
        let page = entries(app, id, after, limit.min(ENTRIES_AT_ONCE)).await?;
        let lines = page.map(|page| page.json).unwrap_or_default();
        if lines.is_empty() {
            break;
        }
        for line in &lines {
            digest.update(line.as_bytes());
            digest.update(b"\n");
        }
        after += lines.len() as u64;
    }
    Ok(digest.hex())
}
