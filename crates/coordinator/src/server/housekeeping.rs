//! Housekeeping: forgets what has ended by itself.

use std::time::Duration;

use protocol::time::Timestamp;

use crate::{app::App, metrics};

/// How often ended sessions, tokens and codes are forgotten.
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// For how long a token for scripts is still shown after it ended.
const ENDED_TOKENS_SHOWN_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How long notifications are kept.
const NOTIFICATION_LIFE_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// How often measurements are brought up to date.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Starts the loops; they end when the coordinator stops.
pub(super) fn start(app: &App) {
    let sweeping = app.clone();
    app.tasks.spawn(async move {
        let mut next = tokio::time::interval(SWEEP_EVERY);
        while ticks(&sweeping, &mut next).await {
            sweep(&sweeping).await;
        }
    });
    let measuring = app.clone();
    app.tasks.spawn(async move {
        let mut next = tokio::time::interval(UPKEEP_EVERY);
        while ticks(&measuring, &mut next).await {
            measuring.metrics.run_upkeep();
        }
    });
}

/// Waits for the next turn; false once the coordinator stops.
async fn ticks(app: &App, next: &mut tokio::time::Interval) -> bool {
    tokio::select! {
        _ = next.tick() => true,
        () = app.stopping.cancelled() => false,
    }
}

/// Forgets each kind by itself, so that trouble with one keeps none of the others.
async fn sweep(app: &App) {
    let now = app.now();
    let long_ago = Timestamp(now.0 - ENDED_TOKENS_SHOWN_MS);
    let very_long_ago = Timestamp(now.0 - NOTIFICATION_LIFE_MS);
    let swept = [
        ("sessions", app.store.sweep_sessions(now).await),
        ("tokens", app.store.sweep_tokens(now).await),
        ("device codes", app.store.sweep_device_codes(now).await),
        ("reset links", app.store.sweep_reset_links(now).await),
        (
            "tokens for scripts",
            app.store.sweep_api_tokens(long_ago).await,
        ),
        (
            "sign-ins at the provider",
            app.store.sweep_provider_sign_ins(now).await,
        ),
        (
            "notifications",
            app.store.sweep_notifications(very_long_ago).await,
        ),
        ("setup tokens", app.store.sweep_setup_tokens(now).await),
        ("refusals", app.store.sweep_refusals(now).await),
        ("runner moments", app.store.sweep_runner_moments(now).await),
    ];
    let mut all_well = true;
    for (what, result) in swept {
        match result {
            Ok(0) => {}
            Ok(count) => tracing::debug!(what, count, "forgot what had ended"),
            Err(error) => {
                all_well = false;
                tracing::warn!(
                    what,
                    error = &error as &dyn std::error::Error,
                    "sweeping failed"
                );
            }
        }
    }
    if all_well {
        metrics::reconciled("sign_in_sweep", now);
    }
}
