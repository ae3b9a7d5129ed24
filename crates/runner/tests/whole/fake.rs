//! A coordinator over real HTTP that keeps its word, and can be told to fail.
//!
//! It hands out one runner's assignments, checks numbering and fences as the
//! real one does, and keeps what it is given for the tests to look at.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use protocol::{
    error::{ErrorCode, Problem},
    ids::AttemptId,
    record::{Event, EventEntry, LogEntry, log_line},
    runner::{
        AppendEvents, AppendLog, Appended, ArtifactManifest, Assignment, LeaseGrant,
        ManifestStored, Order, PartStored, StopAttempt, StopReason, SyncRequest, SyncResponse,
    },
    time::Timestamp,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify, task::JoinSet};

/// What it keeps of one attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(crate) events: Vec<EventEntry>,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) manifest: Option<ArtifactManifest>,
    /// Uploads that were answered, whether or not they brought anything new.
    pub(crate) uploads: usize,
}

impl Facts {
    /// Access tokens are good no more; the refresh token is.
    pub(crate) fn forget_access(&mut self) {
        self.access.clear();
    }
}

impl Kept {
    /// The outcome, once it has come.
    pub(crate) fn outcome(&self) -> Option<&protocol::job::Outcome> {
        self.events.iter().find_map(|entry| match &entry.event {
            Event::Ended { outcome } => Some(outcome),
            _ => None,
        })
    }

    /// Digest of the log as it was kept.
    pub(crate) fn log_sha256(&self) -> String {
        let lines: String = self.log.iter().map(log_line).collect();
        protocol::digest::sha256_hex(lines.as_bytes())
    }
}

/// Everything that the coordinator knows, and how it is told to behave.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) confirmed: Vec<AttemptId>,
    pub(crate) kept: BTreeMap<AttemptId, Kept>,
    pub(crate) parts: HashMap<String, Vec<u8>>,
    pub(crate) inputs: HashMap<String, Vec<u8>>,
    pub(crate) orders: Vec<Order>,
    pub(crate) pause_wish: Option<protocol::runner::PauseWish>,
    pub(crate) syncs: Vec<SyncRequest>,
    pub(crate) refused: Vec<protocol::runner::RefusedAssignment>,
    pub(crate) registrations: usize,
    pub(crate) refreshes: usize,
    /// Good tokens; an access token that is not here is refused.
    access: Vec<String>,
    refresh: Vec<String>,
    /// Questions about a device code that are answered with "not yet".
    pub(crate) device_pending: usize,
    /// Answers to syncs that are made, and then lost.
    pub(crate) lose_answers: usize,
    /// While set, every call is answered 503.
    pub(crate) away: bool,
    /// While set, no lease is confirmed.
    pub(crate) withhold: bool,
    /// The runner was removed.
    pub(crate) removed: bool,
    /// Attempts whose fence has moved on.
    pub(crate) moved_on: Vec<AttemptId>,
    newest: (u64, u64),
    counter: u64,
}

#[derive(Clone, Default)]
pub(crate) struct Fake {
    facts: Arc<Mutex<Facts>>,
    changed: Arc<Notify>,
}

/// The coordinator, as long as this lives.
pub(crate) struct Running {
    pub(crate) fake: Fake,
    pub(crate) address: SocketAddr,
    /// Ends with this value.
    _tasks: JoinSet<()>,
}

impl Running {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Fake {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Running {
        let fake = Self::default();
        fake.serve("127.0.0.1:0".parse().unwrap()).await
    }

    async fn serve(self, address: SocketAddr) -> Running {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = router(self.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        Running {
            fake: self,
            address,
            _tasks: tasks,
        }
    }

    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap()
    }

    /// Changes something, and lets parked syncs look again.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts());
        self.changed.notify_waiters();
    }
}

fn router(fake: Fake) -> Router {
    let attempt = Router::new()
        .route("/events", post(events))
        .route("/log", post(log))
        .route("/artifacts", post(manifest))
        .route("/artifacts/parts/{sha256}", put(part))
        .route("/inputs/{name}", get(input));
    Router::new()
        .route("/api/oauth/device_authorization", post(device))
        .route("/api/oauth/token", post(token))
        .route("/api/runner/v1/register", post(register))
        .route(
            "/api/runner/v1/sign-out",
            post(async || StatusCode::NO_CONTENT),
        )
        .route("/api/runner/v1/sync", post(sync))
        .nest("/api/runner/v1/attempts/{id}", attempt)
        .layer(axum::extract::DefaultBodyLimit::max(16 * 1024 * 1024))
        .with_state(fake)
}

fn refuse(status: StatusCode, code: ErrorCode) -> Response {
    (status, Json(Problem::new(code, format!("{code:?}")))).into_response()
}

impl Fake {
    /// Whether the call may be answered at all.
    fn gate(&self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        let facts = self.facts();
        if facts.away {
            return Err(Box::new(refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::Unavailable,
            )));
        }
        if facts.removed {
            return Err(Box::new(refuse(StatusCode::GONE, ErrorCode::RunnerRemoved)));
        }
        let token = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .unwrap_or_default();
        if facts.access.iter().any(|good| good == token) {
            return Ok(());
        }
        Err(Box::new(refuse(
            StatusCode::UNAUTHORIZED,
            ErrorCode::NotSignedIn,
        )))
    }

    fn tokens(&self) -> Value {
        let mut facts = self.facts();
        facts.counter += 1;
        let (access, refresh) = (
            format!("coa_{}", facts.counter),
            format!("cor_{}", facts.counter),
        );
        facts.access = vec![access.clone(), "coa_login".to_owned()];
        facts.refresh.push(refresh.clone());
        json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": refresh,
        })
    }
}

async fn device(State(fake): State<Fake>) -> Json<Value> {
    Json(json!({
        "device_code": "device", "user_code": "ABCD-EFGH", "expires_in": 600, "interval": 1,
        "verification_uri": "http://fake/device",
        "verification_uri_complete": "http://fake/device?code=ABCD-EFGH",
        "seen": fake.facts().syncs.len(),
    }))
}

async fn token(State(fake): State<Fake>, body: String) -> Response {
    if fake.facts().away {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable);
    }
    if body.contains("device_code=device") {
        let mut facts = fake.facts();
        if facts.device_pending > 0 {
            facts.device_pending -= 1;
            let error = json!({ "error": "authorization_pending" });
            return (StatusCode::BAD_REQUEST, Json(error)).into_response();
        }
        drop(facts);
        return Json(fake.tokens()).into_response();
    }
    let good = fake
        .facts()
        .refresh
        .iter()
        .any(|token| body.contains(token.as_str()));
    if !good {
        let error = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    fake.facts().refreshes += 1;
    Json(fake.tokens()).into_response()
}

async fn register(State(fake): State<Fake>, headers: HeaderMap, body: Bytes) -> Response {
    if headers
        .get("authorization")
        .is_none_or(|value| value != "Bearer coa_login")
        && let Err(refused) = fake.gate(&headers)
    {
        return *refused;
    }
    let request: Value = serde_json::from_slice(&body).unwrap();
    fake.facts().registrations += 1;
    Json(json!({
        "runner_id": uuid::Uuid::from_u128(1), "short_id": "abc123", "name": request["name"],
        "account": { "id": uuid::Uuid::from_u128(2), "name": "Ada", "email": "ada@example.com" },
        "tokens": fake.tokens(),
    }))
    .into_response()
}

async fn sync(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Json(request): Json<SyncRequest>,
) -> Response {
    if let Err(refused) = fake.gate(&headers) {
        return *refused;
    }
    {
        let mut facts = fake.facts();
        let place = (request.boot_number, request.seq);
        if place < facts.newest {
            return refuse(StatusCode::CONFLICT, ErrorCode::StaleSync);
        }
        facts.newest = place;
        facts.refused.extend(request.refused.iter().cloned());
        facts.syncs.push(request.clone());
        for held in &request.held {
            if !facts.confirmed.contains(&held.attempt_id) {
                facts.confirmed.push(held.attempt_id);
            }
        }
    }
    fake.changed.notify_waiters();
    let deadline = tokio::time::Instant::now() + Duration::from_millis(request.hold_ms);
    loop {
        let changed = fake.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        if let Err(refused) = fake.gate(&headers) {
            return *refused;
        }
        let newest = fake.facts().newest;
        if newest != (request.boot_number, request.seq) {
            return refuse(StatusCode::CONFLICT, ErrorCode::StaleSync);
        }
        let (answer, news) = fake.answer(&request);
        if news || request.hold_ms == 0 || tokio::time::Instant::now() >= deadline {
            let mut facts = fake.facts();
            if news && facts.lose_answers > 0 {
                facts.lose_answers -= 1;
                drop(facts);
                // Made, and lost on its way.
                return refuse(StatusCode::BAD_GATEWAY, ErrorCode::Unavailable);
            }
            return Json(answer).into_response();
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep_until(deadline) => {}
        }
    }
}

impl Fake {
    fn answer(&self, request: &SyncRequest) -> (SyncResponse, bool) {
        let facts = self.facts();
        let ended = |id: &AttemptId| {
            facts
                .kept
                .get(id)
                .is_some_and(|kept| kept.outcome().is_some())
        };
        let mut answer = SyncResponse {
            leases: vec![],
            stop: vec![],
            assignments: vec![],
            orders: vec![],
            send_capabilities: false,
            settings: protocol::runner::RunnerSettings {
                name: "runner".to_owned(),
                pause_wish: facts
                    .pause_wish
                    .clone()
                    .filter(|wish| wish.revision > request.pause_revision),
            },
            now: Timestamp(1),
        };
        for held in &request.held {
            let attempt_id = held.attempt_id;
            let stop = |reason| StopAttempt { attempt_id, reason };
            if facts.moved_on.contains(&attempt_id) {
                answer.stop.push(stop(StopReason::FenceMovedOn));
            } else if ended(&attempt_id) {
                answer.stop.push(stop(StopReason::Finished));
            } else if !facts.withhold {
                answer.leases.push(LeaseGrant {
                    attempt_id,
                    fence: held.fence,
                    lease_ms: 60_000,
                });
            }
        }
        if request.slots.free > 0 {
            let open = facts.assignments.iter();
            let refused: Vec<_> = facts.refused.iter().map(|one| one.attempt_id).collect();
            answer.assignments = open
                .filter(|open| !facts.confirmed.contains(&open.attempt_id))
                .filter(|open| !refused.contains(&open.attempt_id))
                .take(usize::try_from(request.slots.free).unwrap())
                .cloned()
                .collect();
        }
        answer.orders.clone_from(&facts.orders);
        let news = !answer.assignments.is_empty()
            || !answer.stop.is_empty()
            || answer.settings.pause_wish.is_some()
            || answer
                .orders
                .iter()
                .any(|order| !request.orders_kept.contains(&order.id));
        (answer, news)
    }
}

async fn events(
    State(fake): State<Fake>,
    Path(id): Path<AttemptId>,
    headers: HeaderMap,
    Json(upload): Json<AppendEvents>,
) -> Response {
    if let Err(refused) = fake.gate(&headers) {
        return *refused;
    }
    let mut facts = fake.facts();
    let ends = upload
        .entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Ended { .. }));
    if ends && facts.moved_on.contains(&id) {
        return refuse(StatusCode::GONE, ErrorCode::FenceMovedOn);
    }
    let kept = facts.kept.entry(id).or_default();
    kept.uploads += 1;
    let numbers = upload.entries.iter().map(|entry| entry.n);
    let answer = match lifecycle::numbering::plan(kept.events.len() as u64, numbers) {
        Ok(taken) => {
            kept.events
                .extend(upload.entries.into_iter().skip(taken.skip));
            Json(Appended { kept: taken.kept }).into_response()
        }
        Err(refused) => refuse(StatusCode::CONFLICT, refused.code()),
    };
    drop(facts);
    fake.changed.notify_waiters();
    answer
}

async fn log(
    State(fake): State<Fake>,
    Path(id): Path<AttemptId>,
    headers: HeaderMap,
    Json(upload): Json<AppendLog>,
) -> Response {
    if let Err(refused) = fake.gate(&headers) {
        return *refused;
    }
    let mut facts = fake.facts();
    let kept = facts.kept.entry(id).or_default();
    kept.uploads += 1;
    let numbers = upload.entries.iter().map(|entry| entry.n);
    match lifecycle::numbering::plan(kept.log.len() as u64, numbers) {
        Ok(taken) => {
            kept.log.extend(upload.entries.into_iter().skip(taken.skip));
            Json(Appended { kept: taken.kept }).into_response()
        }
        Err(refused) => refuse(StatusCode::CONFLICT, refused.code()),
    }
}

async fn manifest(
    State(fake): State<Fake>,
    Path(id): Path<AttemptId>,
    headers: HeaderMap,
    Json(manifest): Json<ArtifactManifest>,
) -> Response {
    if let Err(refused) = fake.gate(&headers) {
        return *refused;
    }
    let mut facts = fake.facts();
    if facts.moved_on.contains(&id) {
        return refuse(StatusCode::GONE, ErrorCode::FenceMovedOn);
    }
    let missing_parts: Vec<String> = manifest
        .files
        .iter()
        .flat_map(|file| &file.parts)
        .filter(|part| !facts.parts.contains_key(*part))
        .cloned()
        .collect();
    if missing_parts.is_empty() {
        facts.kept.entry(id).or_default().manifest = Some(manifest);
    }
    Json(ManifestStored { missing_parts }).into_response()
}

async fn part(
    State(fake): State<Fake>,
    Path((_, sha256)): Path<(AttemptId, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = fake.gate(&headers) {
        return *refused;
    }
    assert_eq!(protocol::digest::sha256_hex(&body), sha256);
    fake.facts().parts.insert(sha256, body.to_vec());
    let size = body.len() as u64;
    Json(PartStored { size }).into_response()
}

async fn input(
    State(fake): State<Fake>,
    Path((_, name)): Path<(AttemptId, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.gate(&headers) {
        return *refused;
    }
    match fake.facts().inputs.get(&name) {
        Some(content) => content.clone().into_response(),
        None => refuse(StatusCode::NOT_FOUND, ErrorCode::NotFound),
    }
}
