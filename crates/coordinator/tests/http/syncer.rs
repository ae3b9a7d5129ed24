//! A runner whose syncs and uploads are sent one by one, as the test wants them.

use protocol::{
    agent::{AgentName, AgentStatus, Capabilities, Detection, Platform, SignIn},
    ids::{AttemptId, BootId, OrderId, RequestId},
    job::Phase,
    runner::{Assignment, HeldAttempt, Slots, SyncRequest, SyncResponse},
    version,
};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    runner::FakeRunner,
    support::{Answer, Client, TestServer, soon},
};

const JOBS: &str = "/api/v1/workspaces/team/jobs";
/// Longer than any test waits: whoever answers such a sync had something to say.
pub(crate) const LONG_MS: u64 = 20_000;

/// A registered runner whose syncs are sent one by one, as the test wants them.
pub(crate) struct Syncer {
    pub(crate) client: Client,
    pub(crate) boot_id: BootId,
    pub(crate) boot_number: u64,
    pub(crate) held: Vec<HeldAttempt>,
    pub(crate) orders_kept: Vec<OrderId>,
}

impl Syncer {
    pub(crate) async fn new(server: &TestServer, name: &str) -> Self {
        let registered = FakeRunner::register(server, name).await;
        Self {
            client: registered.client().clone(),
            boot_id: BootId(Uuid::now_v7()),
            boot_number: 1,
            held: Vec::new(),
            orders_kept: Vec::new(),
        }
    }

    /// One that has said hello, so that the next syncs may be parked.
    pub(crate) async fn here(server: &TestServer, name: &str) -> Self {
        let syncer = Self::new(server, name).await;
        syncer.sync(1, 0).await;
        syncer
    }

    pub(crate) fn request(&self, seq: u64, hold_ms: u64) -> SyncRequest {
        SyncRequest {
            protocol: version::CURRENT,
            boot_id: self.boot_id,
            boot_number: self.boot_number,
            seq,
            request_id: RequestId(Uuid::now_v7()),
            hold_ms,
            slots: Slots {
                total: 1,
                free: u32::from(self.held.is_empty()),
            },
            capabilities_digest: capabilities().digest(),
            capabilities: Some(capabilities()),
            paused: None,
            draining: false,
            troubles: Vec::new(),
            held: self.held.clone(),
            shared_use: None,
            pause_revision: 0,
            refused: Vec::new(),
            orders_kept: self.orders_kept.clone(),
        }
    }

    pub(crate) async fn send(&self, seq: u64, hold_ms: u64) -> Answer {
        post_sync(&self.client, &self.request(seq, hold_ms)).await
    }

    pub(crate) async fn sync(&self, seq: u64, hold_ms: u64) -> SyncResponse {
        read(&soon("the answer to a sync", self.send(seq, hold_ms)).await)
    }

    pub(crate) fn holds(&mut self, assignment: &Assignment) {
        self.held = vec![HeldAttempt {
            attempt_id: assignment.attempt_id,
            fence: assignment.fence,
            phase: Phase::Running,
            worker_answered_ms_ago: 0,
        }];
    }

    /// Takes the next job on: assigned by one sync, confirmed by the next.
    pub(crate) async fn take(&mut self, seq: u64) -> Assignment {
        let assignment = self.sync(seq, LONG_MS).await.assignments.remove(0);
        self.holds(&assignment);
        assert_eq!(self.sync(seq + 1, 0).await.leases.len(), 1);
        assignment
    }

    pub(crate) async fn upload(&self, at: &Assignment, stream: &str, entries: Value) -> Answer {
        let path = attempt_path(at.attempt_id, stream);
        let body = json!({"fence": at.fence, "entries": entries});
        self.client.post(&path, body).await
    }
}

fn capabilities() -> Capabilities {
    let word = str::to_owned;
    Capabilities {
        platform: Platform {
            os: word("linux"),
            os_version: word("Debian 12"),
            arch: word("x86_64"),
            hostname: word("box"),
        },
        runner_version: word("0.1.0"),
        agents: vec![AgentStatus {
            detection: Detection::Detected,
            sign_in: SignIn::NotNeeded,
            ..AgentStatus::not_found(AgentName::DEMO, "Demo agent")
        }],
        tools: Vec::new(),
    }
}

pub(crate) async fn post_sync(client: &Client, request: &SyncRequest) -> Answer {
    let body = serde_json::to_value(request).unwrap();
    client.post("/api/runner/v1/sync", body).await
}

pub(crate) fn read(answer: &Answer) -> SyncResponse {
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    serde_json::from_str(&answer.text).unwrap()
}

pub(crate) fn attempt_path(id: AttemptId, rest: &str) -> String {
    format!("/api/runner/v1/attempts/{id}/{rest}")
}

pub(crate) async fn submit(owner: &Client, title: &str) -> Value {
    let job = json!({"title": title, "instructions": "say hello", "ready": true});
    owner.post(JOBS, job).await.expect(201).json()
}

pub(crate) async fn state_of(owner: &Client, job: &Value) -> String {
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let seen = owner.get(&path).await.expect(200).json();
    seen["state"].as_str().unwrap().to_owned()
}

/// Sends a sync that is held open, and comes back once the coordinator has it.
pub(crate) async fn parked(server: &TestServer, syncer: &Syncer, seq: u64) -> JoinSet<Answer> {
    let (client, request) = (syncer.client.clone(), syncer.request(seq, LONG_MS));
    let mut waiting = JoinSet::new();
    waiting.spawn(async move { post_sync(&client, &request).await });
    let runner_seq = "SELECT COUNT(*) FROM runners WHERE boot_id = $1 AND seq = $2";
    let boot = syncer.boot_id.to_string();
    soon("the sync's arrival", async {
        loop {
            let mut database = database(server).await;
            let arrived: i64 = sqlx::query_scalar(runner_seq)
                .bind(&boot)
                .bind(i64::try_from(seq).unwrap())
                .fetch_one(&mut database)
                .await
                .unwrap();
            if arrived == 1 {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    waiting
}

pub(crate) async fn answer_of(mut waiting: JoinSet<Answer>) -> Answer {
    soon("the parked sync's answer", waiting.join_next())
        .await
        .unwrap()
        .unwrap()
}

pub(crate) async fn database(server: &TestServer) -> SqliteConnection {
    let path = server.data.path().join("coord.db");
    SqliteConnection::connect(&format!("sqlite:{}", path.display()))
        .await
        .unwrap()
}

/// The event that ends an attempt.
pub(crate) fn ended(n: u64, kind: &str, log_last: u64) -> Value {
    let outcome = json!({"kind": kind, "log_last": log_last, "log_sha256": "0".repeat(64)});
    json!({"n": n, "at": 1, "event": {"type": "ended", "outcome": outcome}})
}
