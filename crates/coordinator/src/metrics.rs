//! What is counted, and how it is shown at `/metrics`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use protocol::time::Timestamp;

use crate::server::StartError;

/// Upper ends of the classes of request times, in seconds.
const SECONDS_CLASSES: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// Begins to count; all coordinators of a process count together.
pub(crate) fn install() -> Result<PrometheusHandle, StartError> {
    static INSTALLED: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = installed.as_ref() {
        return Ok(handle.clone());
    }
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_CLASSES)
        .map_err(|_| StartError::Metrics)?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| StartError::Metrics)?;
    describe();
    *installed = Some(handle.clone());
    Ok(handle)
}

fn describe() {
    metrics::describe_counter!(
        "coord_http_requests_total",
        "Answered requests by route and status."
    );
    metrics::describe_histogram!(
        "coord_http_request_seconds",
        "Time to the head of the answer, by route."
    );
    metrics::describe_gauge!("coord_live_streams", "Open live streams of browsers.");
    metrics::describe_counter!("coord_sign_ins_total", "Sign-ins by how they ended.");
    metrics::describe_counter!("coord_mails_total", "Mails by how they ended.");
    metrics::describe_counter!(
        "coord_syncs_total",
        "Syncs of runners by how they were answered."
    );
    metrics::describe_counter!("coord_claims_total", "Jobs given to runners.");
    metrics::describe_counter!(
        "coord_entries_total",
        "Entries of events and logs that were kept."
    );
    metrics::describe_counter!(
        "coord_logs_sealed_total",
        "Logs, or parts of them, that moved into the object store."
    );
    metrics::describe_counter!(
        "coord_objects_put_aside_total",
        "Objects that no row names, put aside to be deleted later."
    );
    metrics::describe_counter!(
        "coord_objects_deleted_total",
        "Objects that were deleted after they had lain aside."
    );
    metrics::describe_counter!(
        "coord_reconciler_row_errors_total",
        "Rows that a reconciler could not deal with, each time that it looked."
    );
    metrics::describe_gauge!(
        "coord_reconciler_failing_rows",
        "Rows that a reconciler could not deal with when it last looked."
    );
    metrics::describe_counter!(
        "coord_notices_total",
        "Notices sent to and heard from other coordinators."
    );
    metrics::describe_counter!(
        "coord_notice_breaks_total",
        "How often the connection that hears other coordinators was lost."
    );
    metrics::describe_gauge!(
        "coord_notice_lag_seconds",
        "How long a notice to oneself was on its way."
    );
    metrics::describe_gauge!(
        "coord_reconciler_last_success_seconds",
        "When a reconciler last succeeded, in seconds since the epoch."
    );
}

/// Notes that a request was answered.
pub(crate) fn answered(route: &str, method: &'static str, status: u16, seconds: f64) {
    let route = route.to_owned();
    metrics::counter!(
        "coord_http_requests_total",
        "route" => route.clone(), "method" => method, "status" => status.to_string()
    )
    .increment(1);
    metrics::histogram!("coord_http_request_seconds", "route" => route, "method" => method)
        .record(seconds);
}

/// Notes how a mail ended: `sent` or `given_up`.
pub(crate) fn mail_sent(how: &'static str) {
    metrics::counter!("coord_mails_total", "outcome" => how).increment(1);
}

/// Notes how a sign-in ended.
pub(crate) fn signed_in(how: &'static str) {
    metrics::counter!("coord_sign_ins_total", "outcome" => how).increment(1);
}

/// When each reconciler last succeeded.
static SUCCEEDED: Mutex<BTreeMap<&'static str, Instant>> = Mutex::new(BTreeMap::new());
/// How long a reconciler may go without success before that is an alarm.
const RECONCILER_OLD: Duration = Duration::from_mins(2);

/// Reconcilers that have not succeeded for too long, with the seconds since they did.
pub(crate) fn late_reconcilers() -> Vec<(&'static str, u64)> {
    let succeeded = SUCCEEDED.lock().unwrap_or_else(PoisonError::into_inner);
    succeeded
        .iter()
        .map(|(name, at)| (*name, at.elapsed()))
        .filter(|(_, ago)| *ago > RECONCILER_OLD)
        .map(|(name, ago)| (name, ago.as_secs()))
        .collect()
}

/// Notes that a reconciler began, so that one that never succeeds is seen as well.
pub(crate) fn reconciler_began(name: &'static str) {
    let mut succeeded = SUCCEEDED.lock().unwrap_or_else(PoisonError::into_inner);
    succeeded.insert(name, Instant::now());
}

/// Notes that a reconciler did all that it found to do.
pub(crate) fn reconciled(name: &'static str, now: Timestamp) {
    reconciler_began(name);
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds are exact enough for a gauge"
    )]
    let seconds = now.0 as f64 / 1_000.0;
    metrics::gauge!("coord_reconciler_last_success_seconds", "reconciler" => name).set(seconds);
}

/// Counts an open live stream for as long as it lives.
pub(crate) struct LiveStream(());

impl LiveStream {
    /// One more.
    pub(crate) fn open() -> Self {
        metrics::gauge!("coord_live_streams").increment(1);
        Self(())
    }
}

impl Drop for LiveStream {
    fn drop(&mut self) {
        metrics::gauge!("coord_live_streams").decrement(1);
    }
}
