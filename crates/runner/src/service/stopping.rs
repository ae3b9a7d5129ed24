//! Ending the service on request: after what it has, or now.

use std::{path::Path, sync::Arc, time::Duration};

use control::StopMark;

use super::{attempts::Command, shared::Shared};
use crate::{link::EndReason, options::Exit};

/// Time for agents to end and their outcome to be handed over, when the service stops now.
const STOP_NOW_PATIENCE: Duration = Duration::from_secs(30);

/// Takes nothing new, and ends the service when nothing runs any more.
///
/// With `now` the agents are ended first; what cannot be handed over in time is
/// handed over at the next start.
pub(crate) fn stop(shared: &Arc<Shared>, now: bool) {
    mark(shared);
    if now {
        // A parked one that is to end is waited for, unlike others that are parked.
        for entry in shared.attempts.all() {
            entry.change_view(|view| view.cancelling = true);
        }
        shared.show_attempts();
    }
    // The loop that looks after pauses sees it, and ends a service that holds nothing.
    shared.board.update(|state| state.draining = true);
    shared.sync_wanted.notify_one();
    if !now {
        return;
    }
    for entry in shared.attempts.all() {
        if !entry.tell(Command::End(EndReason::ServiceStopped)) {
            tracing::warn!(attempt = %entry.id(), "an attempt could not be told to end");
        }
    }
    let tracked = Arc::clone(shared);
    shared.tasks.spawn(async move {
        tokio::select! {
            () = tracked.stop.cancelled() => {}
            () = tokio::time::sleep(STOP_NOW_PATIENCE) => tracked.end(Exit::Stopped),
        }
    });
}

/// Leaves word for whoever keeps the service running, before the end can be seen.
fn mark(shared: &Shared) {
    if let Err(error) = StopMark::of(&shared.data).set() {
        tracing::warn!(%error, "nobody can see later that the service was told to stop");
    }
}

/// Takes that word back: the service is wanted.
pub(crate) fn unmark(data: &Path) {
    if let Err(error) = StopMark::of(data).clear() {
        tracing::warn!(%error, "this service will look as if it had been told to stop");
    }
}
