//! The sync loop: says everything that the runner holds, hears everything it should do.
//!
//! One request is open all the time. A change sends a newer one at once, which
//! releases the one that the coordinator holds; nothing is ever taken back, and
//! an answer that is lost comes again with the next.

mod answer;
mod request;

use std::{sync::Arc, time::Duration};

use control::state::Connection;
use futures::FutureExt as _;
use protocol::{
    error::ErrorCode,
    ids::AttemptId,
    runner::{RefusedAssignment, SyncResponse},
};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    api::CallError,
    session::{Call, Ended, SignedIn},
    shared::Shared,
};
use crate::clock;

/// Syncs that may be open at once: one that is held, and a newer one that releases it.
const OPEN_MAX: usize = 2;
/// Wait before asking again when an answer at once did not bring what was hoped for.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// Wait before the sync that follows a confirmed lease: it only waits for news, and what it
/// lists changes while the agent is being started.
const AFTER_BEGIN: Duration = Duration::from_millis(30);
/// Waits while the coordinator does not answer.
const OFFLINE: lifecycle::retry::Backoff = lifecycle::retry::Backoff {
    first_ms: 2_000,
    max_ms: 20_000,
    tries_max: None,
};

/// One sync on its way.
struct Flight {
    seq: u64,
    sent_at_ms: u64,
    at_once: bool,
    listed: Vec<AttemptId>,
    refused: Vec<AttemptId>,
    call: Call,
    result: Result<SyncResponse, CallError>,
}

/// What the loop remembers between syncs.
struct Loop {
    shared: Arc<Shared>,
    seq: u64,
    newest_answered: u64,
    first: bool,
    send_capabilities: bool,
    /// Digest of the capabilities that were last said in full.
    capabilities_said: Option<String>,
    /// Assignments that the owner does not let the runner take, until the coordinator has heard.
    refused: Vec<RefusedAssignment>,
    /// What was said last of things that want an answer at once.
    said: Option<request::Announced>,
    failures: u32,
    offline_since: Option<protocol::time::Timestamp>,
    /// Not before this moment.
    not_before: Option<Instant>,
}

/// Syncs whenever somebody is signed in, until `stop`.
pub(crate) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut sync = Loop {
        shared,
        seq: 0,
        newest_answered: 0,
        first: true,
        send_capabilities: true,
        capabilities_said: None,
        refused: Vec::new(),
        said: None,
        failures: 0,
        offline_since: None,
        not_before: None,
    };
    loop {
        let signed_in = tokio::select! {
            () = stop.cancelled() => return,
            signed_in = sync.shared.session.signed_in() => signed_in,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = sync.converse(&signed_in) => {}
        }
    }
}

impl Loop {
    /// Syncs until this sign-in ends.
    async fn converse(&mut self, signed_in: &SignedIn) {
        let shared = Arc::clone(&self.shared);
        self.first = true;
        self.send_capabilities = true;
        self.failures = 0;
        self.not_before = None;
        let mut open: JoinSet<Flight> = JoinSet::new();
        let mut due = true;
        loop {
            if !signed_in.holds() {
                return;
            }
            if due && open.len() < OPEN_MAX && self.may_send() {
                due = false;
                if let Err(error) = self.send(&mut open).await {
                    due = true;
                    self.failed(&error);
                }
            }
            tokio::select! {
                () = signed_in.over() => return,
                () = shared.sync_wanted.notified() => due = true,
                () = until(self.not_before), if due && !self.may_send() => {}
                Some(flight) = open.join_next() => {
                    if let Ok(flight) = flight
                        && self.land(flight).await
                        && open.is_empty()
                    {
                        due = true;
                    }
                    // Whatever went wrong with it, something has to be open.
                    due |= open.is_empty();
                }
            }
        }
    }

    fn may_send(&self) -> bool {
        self.not_before.is_none_or(|at| Instant::now() >= at)
    }

    async fn send(&mut self, open: &mut JoinSet<Flight>) -> Result<(), CallError> {
        let call = self.shared.session.call().await?;
        // What was wanted until now is in this one: a further sync would only overtake it.
        self.shared.sync_wanted.notified().now_or_never();
        let request = self.request();
        let listed = request.held.iter().map(|held| held.attempt_id).collect();
        let refused = request.refused.iter().map(|one| one.attempt_id).collect();
        let (seq, at_once) = (request.seq, request.hold_ms == 0);
        open.spawn(async move {
            let sent_at_ms = clock::steady_ms();
            let result = call.api.sync(&call.token, &request).await;
            Flight {
                seq,
                sent_at_ms,
                at_once,
                listed,
                refused,
                call,
                result,
            }
        });
        Ok(())
    }

    /// Takes in what came of a sync; says whether another should follow at once.
    async fn land(&mut self, flight: Flight) -> bool {
        let Flight {
            seq,
            sent_at_ms,
            at_once,
            listed,
            refused,
            call,
            result,
        } = flight;
        let newest = seq > self.newest_answered;
        match result {
            Ok(response) => {
                self.newest_answered = self.newest_answered.max(seq);
                self.online();
                // Heard: should one of them be handed out again, it is refused again.
                self.refused
                    .retain(|one| !refused.contains(&one.attempt_id));
                let news = self.take_in(&response, &listed, sent_at_ms).await;
                let hurried = clock::steady_ms().saturating_sub(sent_at_ms) < 200;
                let waits = at_once && self.wants_answer_at_once();
                if !news && hurried && (waits || !at_once) {
                    // An answer at once that changed nothing: asking again at once would spin.
                    self.not_before = Some(Instant::now() + ASK_AGAIN_AFTER);
                } else if news && at_once && !waits {
                    self.not_before = Some(Instant::now() + AFTER_BEGIN);
                }
                true
            }
            // A newer one was seen; its own answer counts.
            Err(error) if error.code() == Some(ErrorCode::StaleSync) => {
                if newest && seq == self.seq {
                    self.not_before = Some(Instant::now() + ASK_AGAIN_AFTER);
                }
                true
            }
            // A sync that was overtaken says nothing about the way to the coordinator.
            Err(_) if !newest => true,
            Err(error) => {
                match error.code() {
                    Some(ErrorCode::RunnerRemoved) => {
                        self.shared.session.ended(Ended::Removed).await;
                    }
                    Some(ErrorCode::RunnerSuperseded) => {
                        self.shared.session.ended(Ended::Superseded).await;
                    }
                    Some(ErrorCode::VersionUnsupported) => {
                        let message = error.to_string();
                        self.shared
                            .session
                            .ended(Ended::VersionUnsupported { message })
                            .await;
                    }
                    _ => self.failed(&call.judged(error)),
                }
                true
            }
        }
    }

    fn online(&mut self) {
        if self.failures > 0 {
            tracing::info!("the coordinator answers again");
        }
        self.failures = 0;
        self.not_before = None;
        self.offline_since = None;
        self.first = false;
        self.shared
            .board
            .update(|state| state.connection = Connection::Online);
    }

    fn failed(&mut self, error: &CallError) {
        // Whoever ended the sign-in has said why; this would only hide it.
        if !self.shared.session.is_signed_in() {
            return;
        }
        self.failures += 1;
        let jitter = rand::random_range(0..=1000);
        let delay_ms = OFFLINE.delay_ms(self.failures, jitter, error.retry_after_ms());
        self.not_before = Some(Instant::now() + Duration::from_millis(delay_ms));
        let now = clock::now();
        let since = *self.offline_since.get_or_insert(now);
        if self.failures == 1 {
            tracing::warn!(%error, "the coordinator does not answer; work goes on without it");
        }
        self.shared.board.update(|state| {
            state.connection = Connection::Offline {
                since,
                message: error.to_string(),
                retry_at: now.plus_millis(delay_ms),
            };
        });
    }
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
