//! Moves the logs of ended attempts into the object store.
//!
//! The object is written, read back whole and compared; only then it is written down
//! that the log stands there, and only after that the rows go. Whoever does it again,
//! here or elsewhere, makes the same object under the same name.

use protocol::{ids::AttemptId, time::Timestamp};
use store::{SealableLog, SealedLog};

use super::sweep::Sweep;
use crate::{
    app::App,
    objects,
    sealed::{NotWritten, SealedReader, Unreadable, Writer},
};

/// How many logs are read at once.
const PAGE: u32 = 50;

/// Why a log stays where it is for now.
#[derive(Debug, thiserror::Error)]
enum NotSealed {
    #[error("the database could not carry it out")]
    Store(#[from] store::Error),
    #[error(transparent)]
    Written(#[from] NotWritten),
    #[error(transparent)]
    Read(#[from] Unreadable),
    #[error("{found} of {expected} entries are in the database")]
    Missing { found: u64, expected: u64 },
    #[error("what was read back is not what was written")]
    Differs,
}

/// Seals what can be sealed, and deletes the rows of what was.
pub(super) async fn seal(app: &App) -> Result<(), store::Error> {
    let now = app.store.now(app.now()).await?;
    let mut sweep = Sweep::begin("sealing");
    while sweep.goes_on() && !app.stopping.is_cancelled() {
        let page = app.store.sealable_logs(sweep.after(), PAGE, now).await?;
        for part in sweep.take(page) {
            if let Err(error) = seal_one(app, part, now).await {
                sweep.failed(&part.attempt_id, &error);
            }
        }
    }
    drop(sweep);
    let mut sweep = Sweep::begin("sealed_rows");
    while sweep.goes_on() && !app.stopping.is_cancelled() {
        let page = app.store.logs_with_rows_left(sweep.after(), PAGE).await?;
        for id in sweep.take(page) {
            if let Err(error) = delete_rows(app, id).await {
                sweep.failed(&id, &error);
            }
        }
    }
    Ok(())
}

async fn delete_rows(app: &App, id: AttemptId) -> Result<(), store::Error> {
    while app.store.delete_sealed_rows(id).await? {}
    Ok(())
}

async fn seal_one(app: &App, part: SealableLog, now: Timestamp) -> Result<(), NotSealed> {
    let path = objects::log_piece(part.attempt_id, part.first, part.last);
    let mut writer = Writer::begin(app.objects.clone(), path.clone(), part.first)?;
    if let Err(error) = write_rows(app, part, &mut writer).await {
        writer.abort().await;
        return Err(error);
    }
    failpoints::reached("coordinator.seal.begun");
    let sha256 = writer.finish().await?;
    failpoints::reached("coordinator.seal.stored");
    let reader = SealedReader::open(&*app.objects, path).await?;
    if reader.check().await? != (part.last + 1 - part.first, sha256.clone()) {
        return Err(NotSealed::Differs);
    }
    let piece = SealedLog {
        first: part.first,
        last: part.last,
        sha256,
    };
    if app.store.log_sealed(part.attempt_id, piece, now).await? {
        metrics::counter!("coord_logs_sealed_total").increment(1);
    }
    Ok(())
}

async fn write_rows(app: &App, part: SealableLog, writer: &mut Writer) -> Result<(), NotSealed> {
    let mut reached = part.first - 1;
    while reached < part.last {
        let rows = app.store.rows_to_seal(part, reached).await?;
        if rows.is_empty() {
            return Err(NotSealed::Missing {
                found: reached + 1 - part.first,
                expected: part.last + 1 - part.first,
            });
        }
        for json in &rows {
            writer.push(json).await?;
        }
        reached += rows.len() as u64;
    }
    Ok(())
}
