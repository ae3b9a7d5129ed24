//! The runner takes itself out of work when job after job fails before an agent begins.

use journal::Breaker;
use lifecycle::breaker::{self, Follows, Said};
use protocol::{
    job::{Failure, FailureClass, OutcomeKind},
    runner::Pause,
};

use super::{attempts::Entry, shared::Shared};
use crate::{clock, worker::plan::WorkResult};

/// Longest part of a failure's words in the note of a pause, in characters.
const WORDS_CHARS_MAX: usize = 240;

/// Takes in how an attempt ended; `begun` when an agent got to work in it.
pub(crate) async fn take_in(shared: &Shared, entry: &Entry, result: &WorkResult, begun: bool) {
    let mut kept = shared.breaker.lock().await;
    if kept.counted == Some(entry.id()) {
        return;
    }
    let said = what_it_says(entry, result, begun);
    if said == Said::Nothing {
        return;
    }
    let counted = Some(entry.id());
    let (failures, pause) = match breaker::after(kept.failures, said) {
        Follows::Counts(failures) => (failures, None),
        // One that is paused already takes nothing; its owner's own pause stays.
        Follows::Pauses if shared.board.now().paused.is_some() => (kept.failures, None),
        Follows::Pauses => (0, Some(pause(result.outcome.failure.as_ref()))),
    };
    let now = Breaker { failures, counted };
    if now.failures == kept.failures && failures == 0 && pause.is_none() {
        // Nothing to count, as nearly always: the disk need not hear of it.
        return;
    }
    *kept = now;
    drop(kept);
    if let Err(error) = shared.ledger.breaker(&now, pause.as_ref()).await {
        tracing::warn!(%error, "what was counted is forgotten when the service is started anew");
    }
    if let Some(pause) = pause {
        tracing::warn!(
            note = pause.note,
            "the runner has paused itself; resume it once that is mended"
        );
        shared.board.update(|state| state.paused = Some(pause));
        shared.sync_wanted.notify_one();
    }
}

/// Begins to count anew, as whoever resumes a runner wants it.
pub(crate) async fn forget(shared: &Shared) {
    *shared.breaker.lock().await = Breaker::default();
}

fn what_it_says(entry: &Entry, result: &WorkResult, begun: bool) -> Said {
    let told_to_end = entry.view().cancelling || entry.held().stopped.is_some();
    let failure = match result.outcome.kind {
        OutcomeKind::Failed | OutcomeKind::Interrupted => result.outcome.failure.as_ref(),
        OutcomeKind::Succeeded
        | OutcomeKind::Cancelled
        | OutcomeKind::Lost
        | OutcomeKind::RunnerRemoved => None,
    };
    let Some(failure) = failure.filter(|_| !told_to_end) else {
        return if begun { Said::Works } else { Said::Nothing };
    };
    // Some agents begin a session before they find out that nobody is signed in.
    if begun && failure.class != FailureClass::Auth {
        return Said::Works;
    }
    let assignment = &entry.assignment;
    if assignment.model.is_some() || !assignment.extra_arguments.is_empty() {
        return Said::Nothing;
    }
    Said::Failed {
        class: failure.class,
        after_ms: clock::steady_ms().saturating_sub(entry.taken_at_ms),
    }
}

fn pause(last: Option<&Failure>) -> Pause {
    let words = last.map_or_else(String::new, |failure| {
        let hint = failure.hint.as_deref().unwrap_or_default();
        let words: String = format!("{} {hint}", failure.message)
            .chars()
            .take(WORDS_CHARS_MAX)
            .collect();
        format!(" The last one: {}", words.trim_end())
    });
    Pause {
        since: clock::now(),
        until: None,
        note: Some(format!(
            "by itself: {} jobs in a row failed before their agent began.{words} Mend that, then resume.",
            breaker::FAILURES_MAX
        )),
        by: None,
    }
}
