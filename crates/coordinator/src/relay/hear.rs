//! Hearing the notices of others over a connection that is watched.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Shared, apply, everything_may_have_changed, notice::Notice};
use crate::{app::App, metrics as counted};

/// How often this coordinator speaks to itself, to know that it hears.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// How long its own word may be on its way.
const BEAT_MAX: Duration = Duration::from_secs(4);
/// How long to wait before another connection is tried.
const CONNECT_AGAIN: Duration = Duration::from_secs(1);
/// How long making a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Why a connection is given up.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("the database does not let it be heard")]
    Store(#[from] store::Error),
    #[error("the connection broke")]
    Broken,
    #[error("its own notice did not come back within {} s", BEAT_MAX.as_secs())]
    Silent,
    #[error("no connection was made within {} s", CONNECT_MAX.as_secs())]
    NotConnected,
}

/// Hears notices until the coordinator stops.
pub(super) async fn hear(app: App, shared: Arc<Shared>) {
    let mut is_first = true;
    while !app.stopping.is_cancelled() {
        let lost = tokio::select! {
            lost = listen(&app, &shared, is_first) => lost,
            () = app.stopping.cancelled() => return,
        };
        is_first = false;
        let Err(lost) = lost else { return };
        metrics::counter!("coord_notice_breaks_total").increment(1);
        tracing::warn!(
            error = &lost as &dyn std::error::Error,
            "other coordinators are not heard; what they do is found by looking until they are again"
        );
        tokio::select! {
            () = tokio::time::sleep(CONNECT_AGAIN) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

async fn listen(app: &App, shared: &Shared, is_first: bool) -> Result<(), Lost> {
    let connecting = tokio::time::timeout(CONNECT_MAX, app.store.hear_notices());
    let Some(mut notices) = connecting.await.map_err(|_| Lost::NotConnected)?? else {
        return Ok(());
    };
    if !is_first {
        // Whatever was said meanwhile was missed.
        everything_may_have_changed(app);
    }
    let mut beats = Beats::default();
    let mut next = tokio::time::interval(BEAT_EVERY);
    next.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = notices.next() => {
                let text = heard?.ok_or(Lost::Broken)?;
                take(app, shared, &text, &mut beats);
            }
            _ = next.tick() => {
                let notice = beats.next(shared);
                let sending = app.store.send_notice(notice);
                tokio::time::timeout(BEAT_MAX, sending).await.map_err(|_| Lost::Silent)??;
            }
            () = beats.missed() => return Err(Lost::Silent),
        }
    }
}

fn take(app: &App, shared: &Shared, text: &str, beats: &mut Beats) {
    let notice: Notice = match serde_json::from_str(text) {
        Ok(notice) => notice,
        Err(error) => {
            tracing::warn!(%error, "a notice is not understood; everything counts as changed");
            return everything_may_have_changed(app);
        }
    };
    if notice.from != shared.id {
        metrics::counter!("coord_notices_total", "direction" => "heard").increment(1);
        return apply(app, notice);
    }
    if let Some(lag) = notice.beat.and_then(|beat| beats.heard(beat)) {
        metrics::gauge!("coord_notice_lag_seconds").set(lag.as_secs_f64());
        counted::reconciled("notices", app.now());
    }
}

/// What this coordinator says to itself.
#[derive(Debug, Default)]
struct Beats {
    last: u64,
    on_its_way: Option<Instant>,
}

impl Beats {
    fn next(&mut self, shared: &Shared) -> String {
        self.last += 1;
        self.on_its_way = Some(Instant::now());
        let notice = Notice {
            from: shared.id,
            beat: Some(self.last),
            ..Notice::default()
        };
        notice.text().unwrap_or_default()
    }

    /// How long the newest was on its way.
    fn heard(&mut self, beat: u64) -> Option<Duration> {
        let sent = (beat == self.last).then(|| self.on_its_way.take())?;
        sent.map(|sent| sent.elapsed())
    }

    /// Comes back when the newest is overdue.
    async fn missed(&self) {
        match self.on_its_way {
            Some(sent) => tokio::time::sleep_until(sent + BEAT_MAX).await,
            None => std::future::pending().await,
        }
    }
}
