//! Compares the logs of ended attempts with the checksums that their outcomes named.
//!
//! An outcome is accepted only once every entry that it counts is there, so a
//! difference cannot be mended by sending anything again. It is kept with the
//! attempt, counted and logged; the outcome stands.

use crate::app::App;

/// How many logs are compared in one look.
const LOGS_AT_ONCE: u32 = 20;

/// Compares what has not been compared yet.
pub(super) async fn compare(app: &App) -> Result<(), store::Error> {
    for log in app.store.unchecked_logs(LOGS_AT_ONCE).await? {
        let found = app.store.log_digest(log.attempt_id, log.last).await?;
        let matches = found == log.sha256;
        if !matches {
            metrics::counter!("coord_log_checksum_errors_total").increment(1);
            tracing::error!(
                attempt = %log.attempt_id, expected = log.sha256, found, entries = log.last,
                "the log that arrived is not the log that its runner wrote"
            );
        }
        app.store.log_checked(log.attempt_id, matches).await?;
    }
    Ok(())
}
