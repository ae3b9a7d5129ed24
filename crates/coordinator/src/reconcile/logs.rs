//! Compares the logs of ended attempts with the checksums that their outcomes named.
//!
//! An outcome is accepted only once every entry that it counts is there, so a
//! difference cannot be mended by sending anything again. It is kept with the
//! attempt, counted and logged; the outcome stands.

use store::UncheckedLog;

use super::sweep::Sweep;
use crate::{app::App, records};

/// How many logs are read at once.
const PAGE: u32 = 50;

/// Compares what has not been compared yet.
pub(super) async fn compare(app: &App) -> Result<(), store::Error> {
    let mut sweep = Sweep::begin("logs");
    while sweep.goes_on() && !app.stopping.is_cancelled() {
        let page = app.store.unchecked_logs(sweep.after(), PAGE).await?;
        for log in sweep.take(page) {
            if let Err(error) = compare_one(app, &log).await {
                sweep.failed(&log.attempt_id, &error);
            }
        }
    }
    Ok(())
}

async fn compare_one(app: &App, log: &UncheckedLog) -> Result<(), records::Unreadable> {
    let found = records::log_digest(app, log.attempt_id, log.last).await?;
    let matches = found == log.sha256;
    if !matches {
        metrics::counter!("coord_log_checksum_errors_total").increment(1);
        tracing::error!(
            attempt = %log.attempt_id, expected = log.sha256, found, entries = log.last,
            "the log that arrived is not the log that its runner wrote"
        );
    }
    Ok(app.store.log_checked(log.attempt_id, matches).await?)
}
