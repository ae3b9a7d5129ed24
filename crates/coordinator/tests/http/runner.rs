//! A runner as small as can be, which speaks the real protocol and does as the test says.

use protocol::{
    agent::{AgentName, AgentStatus, Capabilities, Detection, Platform, SignIn},
    digest::RunningDigest,
    ids::{AttemptId, BootId, InstallationId, RequestId},
    job::{Outcome, OutcomeKind, Phase},
    record::{Event, EventEntry, LogEntry, LogKind, log_line},
    runner::{Assignment, HeldAttempt, Slots, SyncRequest, SyncResponse},
    time::Timestamp,
    version,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    support::{Answer, Client, TestServer},
    tokens::sign_in_device_as,
};

/// A registered runner with at most one attempt.
pub(crate) struct FakeRunner {
    client: Client,
    pub(crate) id: String,
    boot_id: BootId,
    seq: u64,
    held: Option<HeldAttempt>,
    events: u64,
    log: u64,
    log_digest: RunningDigest,
}

fn platform() -> Platform {
    Platform {
        os: "linux".to_owned(),
        os_version: "Debian 12".to_owned(),
        arch: "x86_64".to_owned(),
        hostname: "box".to_owned(),
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        platform: platform(),
        runner_version: "0.1.0".to_owned(),
        agents: vec![AgentStatus {
            detection: Detection::Detected,
            sign_in: SignIn::NotNeeded,
            ..AgentStatus::not_found(AgentName::DEMO, "Demo agent")
        }],
        tools: Vec::new(),
    }
}

impl FakeRunner {
    /// Signs in through the device flow and registers, for the owner.
    pub(crate) async fn register(server: &TestServer, name: &str) -> Self {
        Self::register_as(server, &server.owner().await, name).await
    }

    /// The same, for this person.
    pub(crate) async fn register_as(server: &TestServer, browser: &Client, name: &str) -> Self {
        let tokens = sign_in_device_as(server, browser, "coord-runner").await;
        Self::register_with(server, name, &tokens).await
    }

    /// Registers with the tokens of a device that is signed in.
    pub(crate) async fn register_with(server: &TestServer, name: &str, tokens: &Value) -> Self {
        let (device, answer) = Self::ask_with(server, name, tokens).await;
        let registered = answer.expect(200).json();
        let token = registered["tokens"]["access_token"].as_str().unwrap();
        Self {
            client: device.with_token(token),
            id: registered["runner_id"].as_str().unwrap().to_owned(),
            boot_id: BootId(Uuid::now_v7()),
            seq: 0,
            held: None,
            events: 0,
            log: 0,
            log_digest: RunningDigest::default(),
        }
    }

    /// Signs in through the device flow and asks to be registered, for the owner.
    pub(crate) async fn ask(server: &TestServer, name: &str) -> Answer {
        let owner = server.owner().await;
        let tokens = sign_in_device_as(server, &owner, "coord-runner").await;
        Self::ask_with(server, name, &tokens).await.1
    }

    async fn ask_with(server: &TestServer, name: &str, tokens: &Value) -> (Client, Answer) {
        let device = server
            .client()
            .with_token(tokens["access_token"].as_str().unwrap());
        let body = json!({
            "protocol": {"min": version::OLDEST, "max": version::CURRENT},
            "installation_id": InstallationId(Uuid::now_v7()),
            "name": name,
            "platform": platform(),
            "runner_version": "0.1.0",
            "machine_key": "00",
        });
        let answer = device.post("/api/runner/v1/register", body).await;
        (device, answer)
    }

    pub(crate) async fn sync(&mut self, hold_ms: u64) -> SyncResponse {
        let body = self.next_sync_held(hold_ms);
        let answer = self
            .client
            .post("/api/runner/v1/sync", body)
            .await
            .expect(200);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// What the next sync says, to be sent by somebody else.
    pub(crate) fn next_sync(&mut self) -> serde_json::Value {
        self.next_sync_held(0)
    }

    fn next_sync_held(&mut self, hold_ms: u64) -> serde_json::Value {
        self.seq += 1;
        let request = SyncRequest {
            protocol: version::CURRENT,
            boot_id: self.boot_id,
            boot_number: 1,
            seq: self.seq,
            request_id: RequestId(Uuid::now_v7()),
            hold_ms,
            slots: Slots {
                total: 1,
                free: u32::from(self.held.is_none()),
            },
            capabilities_digest: capabilities().digest(),
            capabilities: Some(capabilities()),
            paused: None,
            draining: false,
            troubles: Vec::new(),
            held: self.held.iter().cloned().collect(),
            shared_use: None,
            pause_revision: 0,
            refused: Vec::new(),
            orders_kept: Vec::new(),
        };
        serde_json::to_value(&request).unwrap()
    }

    /// Waits for a job, and takes it on.
    pub(crate) async fn take(&mut self) -> Assignment {
        let assignment = self.sync(10_000).await.assignments.remove(0);
        self.held = Some(HeldAttempt {
            attempt_id: assignment.attempt_id,
            fence: assignment.fence,
            phase: Phase::Assigned,
            worker_answered_ms_ago: 0,
        });
        assert_eq!(self.sync(0).await.leases.len(), 1);
        (self.events, self.log) = (0, 0);
        self.log_digest = RunningDigest::default();
        assignment
    }

    fn attempt(&self) -> (AttemptId, u64) {
        let held = self.held.as_ref().unwrap();
        (held.attempt_id, held.fence)
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/runner/v1/attempts/{}/{rest}", self.attempt().0)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) async fn event(&mut self, event: Event) -> Answer {
        self.events += 1;
        let entry = EventEntry {
            n: self.events,
            at: Timestamp(1),
            event,
        };
        let body = json!({"fence": self.attempt().1, "entries": [entry]});
        self.client.post(&self.path("events"), body).await
    }

    pub(crate) async fn say(&mut self, kind: LogKind, text: &str) {
        self.log += 1;
        let entry = LogEntry {
            n: self.log,
            at: Timestamp(1),
            kind,
            text: text.to_owned(),
            partial: false,
        };
        self.log_digest.update(log_line(&entry).as_bytes());
        let body = json!({"fence": self.attempt().1, "entries": [entry]});
        self.client.post(&self.path("log"), body).await.expect(200);
    }

    /// Says many lines at once, exactly as they are counted in the log's checksum.
    pub(crate) async fn say_all(&mut self, kind: LogKind, lines: impl Iterator<Item = String>) {
        let mut entries = Vec::new();
        for text in lines {
            self.log += 1;
            let entry = LogEntry {
                n: self.log,
                at: Timestamp(1),
                kind,
                text,
                partial: false,
            };
            let line = log_line(&entry);
            self.log_digest.update(line.as_bytes());
            entries.push(line.trim_end().to_owned());
        }
        let (fence, entries) = (self.attempt().1, entries.join(","));
        let body = format!("{{\"fence\":{fence},\"entries\":[{entries}]}}");
        let request = self
            .client
            .request(reqwest::Method::POST, &self.path("log"))
            .header("content-type", "application/json");
        crate::support::send(request.body(body)).await.expect(200);
    }

    /// Hands one file back.
    pub(crate) async fn hand_back(&self, path: &str, content: &'static str) {
        let sha256 = protocol::digest::sha256_hex(content.as_bytes());
        let part = self.path(&format!("artifacts/parts/{sha256}"));
        self.client.put(&part, content).await.expect(200);
        let file =
            json!({"path": path, "size": content.len(), "sha256": sha256, "parts": [sha256]});
        let manifest = json!({"fence": self.attempt().1, "files": [file]});
        let stored = self
            .client
            .post(&self.path("artifacts"), manifest)
            .await
            .expect(200)
            .json();
        assert_eq!(stored["missing_parts"], json!([]));
    }

    /// Ends the attempt.
    pub(crate) async fn end(&mut self, kind: OutcomeKind) {
        let outcome = Outcome {
            kind,
            failure: None,
            summary: Some("done".to_owned()),
            usage: None,
            log_last: self.log,
            log_sha256: self.log_digest.hex(),
        };
        self.event(Event::Ended { outcome }).await.expect(200);
        self.held = None;
    }
}
