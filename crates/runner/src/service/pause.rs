//! Pausing and draining: the owner wants no new work for a while, or ever again.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use control::state::ServiceState;
use protocol::runner::{Pause, PauseWish};

use super::{breaker, shared::Shared, stopping};
use crate::{clock, options::Exit};

/// Longest sleep before the calendar is looked at again, since it may be set anew meanwhile.
const LOOK_EVERY_MAX_MS: u64 = 60_000;

/// Ends pauses that are over, and the service once it has drained.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut state = shared.board.watch();
    loop {
        let (paused, drained) = {
            let now = state.borrow_and_update();
            (now.paused.clone(), now.draining && nothing_runs(&now))
        };
        if drained {
            shared.end(Exit::Stopped);
        }
        let left = paused
            .as_ref()
            .and_then(|pause| pause.until)
            .map(|until| until.millis_since(clock::now()));
        if left == Some(0) {
            // The pause alone is over: a service that was told to stop still stops.
            show(&shared, None).await;
            continue;
        }
        tokio::select! {
            changed = state.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = over(left) => {}
        }
    }
}

async fn over(left_ms: Option<u64>) {
    match left_ms {
        Some(left) => tokio::time::sleep(Duration::from_millis(left.min(LOOK_EVERY_MAX_MS))).await,
        None => std::future::pending().await,
    }
}

/// Takes no new work until resumed, or for a while.
pub(crate) async fn pause(shared: &Shared, for_ms: Option<u64>, note: Option<String>) {
    let since = clock::now();
    let pause = Pause {
        since,
        until: for_ms.map(|ms| since.plus_millis(ms)),
        note,
        by: None,
    };
    show(shared, Some(pause)).await;
}

/// Takes work again.
pub(crate) async fn resume(shared: &Shared) {
    stopping::unmark(&shared.data);
    shared.board.update(|state| state.draining = false);
    breaker::forget(shared).await;
    show(shared, None).await;
}

/// Carries out what was asked for elsewhere than at this machine, once; says whether it was new.
pub(crate) async fn grant(shared: &Shared, wish: &PauseWish) -> bool {
    if wish.revision <= shared.pause_revision.load(Ordering::Relaxed) {
        return false;
    }
    let since = clock::now();
    let pause = wish.pause.as_ref().map(|terms| Pause {
        since,
        until: terms.for_ms.map(|ms| since.plus_millis(ms)),
        note: terms.note.clone(),
        by: Some(wish.by.clone()),
    });
    if let Err(error) = shared
        .ledger
        .grant_pause_wish(pause.as_ref(), wish.revision)
        .await
    {
        // It comes again with the next answer.
        tracing::warn!(%error, "a wish for a pause could not be written down");
        return false;
    }
    if pause.is_none() {
        breaker::forget(shared).await;
    }
    tracing::info!(
        by = wish.by,
        paused = pause.is_some(),
        "asked for from afar"
    );
    shared
        .pause_revision
        .store(wish.revision, Ordering::Relaxed);
    shared.board.update(|state| state.paused = pause);
    true
}

async fn show(shared: &Shared, pause: Option<Pause>) {
    if let Err(error) = shared.ledger.pause(pause.as_ref()).await {
        tracing::warn!(%error, "the pause is forgotten when the service is started anew");
    }
    shared.board.update(|state| state.paused = pause);
    shared.sync_wanted.notify_one();
}

/// Whether no attempt is under way here; parked ones wait on for the next start.
fn nothing_runs(state: &ServiceState) -> bool {
    let mut attempts = state.attempts.iter();
    attempts.all(|attempt| attempt.parked.is_some() && !attempt.cancelling)
}
