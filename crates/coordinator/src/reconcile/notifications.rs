//! Tells people of what only time shows, and open pages of what people were told.

use std::sync::atomic::{AtomicI64, Ordering};

use protocol::time::Timestamp;

use super::sweep::Sweep;
use crate::{app::App, changes};

/// How many rows are read at once.
const PAGE: u32 = 100;
/// Silence after which a runner's owner is told that it is offline.
const SILENT_MS: u64 = 5 * 60 * 1_000;
/// A change that was committed late is still seen this long after its moment.
const LATE_MS: i64 = 2_000;

/// How far the notifications have been looked through.
#[derive(Debug, Default)]
pub(super) struct Looked(AtomicI64);

/// Tells owners of silent runners. While coordinators were away nobody could be heard,
/// so that silence is none.
pub(super) async fn silence(app: &App) -> Result<(), store::Error> {
    let now = app.store.now(app.now()).await?;
    let up_since = app.store.touch_alive(now).await?;
    if now.millis_since(up_since) < SILENT_MS {
        return Ok(());
    }
    let silent_since = Timestamp(now.0.saturating_sub_unsigned(SILENT_MS));
    let mut sweep = Sweep::begin("silence");
    while sweep.goes_on() {
        let page = app
            .store
            .silent_runners(silent_since, sweep.after(), PAGE)
            .await?;
        for runner in sweep.take(page) {
            let id = runner.id;
            if let Err(error) = app.store.tell_of_silence(runner, now).await {
                sweep.failed(&id, &error);
            }
        }
    }
    drop(sweep);
    let mut sweep = Sweep::begin("silence_over");
    while sweep.goes_on() {
        let page = app
            .store
            .silences_over(silent_since, sweep.after(), PAGE)
            .await?;
        for id in sweep.take(page) {
            if let Err(error) = app.store.settle_notification(id, now).await {
                sweep.failed(&id, &error);
            }
        }
    }
    Ok(())
}

/// Tells the open pages of everybody whose notifications changed, whichever coordinator
/// they were made by.
pub(super) async fn tell(app: &App, looked: &Looked) -> Result<(), store::Error> {
    let now = app.store.now(app.now()).await?;
    let since = looked.0.swap(now.0, Ordering::Relaxed);
    if since == 0 {
        // The first look: pages fetch when they open.
        return Ok(());
    }
    let since = Timestamp(since.saturating_sub(LATE_MS));
    let mut sweep = Sweep::begin("notifications");
    while sweep.goes_on() {
        let page = app.store.notified_since(since, sweep.after(), PAGE).await?;
        for account in sweep.take(page) {
            changes::notifications(app, account);
        }
    }
    Ok(())
}
