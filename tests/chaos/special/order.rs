//! Syncs that come late and in the wrong order, at two coordinators: a runner that
//! is played here says each of them where and when it should not.

use std::{net::SocketAddr, thread, time::Duration};

use protocol::{
    agent::{AgentStatus, Capabilities, Detection, Platform, SignIn},
    ids::{AttemptId, BootId, RequestId},
    job::Phase,
    runner::{HeldAttempt, Slots, SyncRequest, SyncResponse},
    version,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;
use whole::until;

use super::size;
use crate::field::Field;

/// How long a sync is held open here.
const HELD_OPEN_MS: u64 = 2_000;

/// A runner that says what it is told to.
struct Played {
    http: reqwest::Client,
    token: String,
    boot: BootId,
    /// What it holds: the attempt and its fence.
    held: Vec<(AttemptId, u64)>,
}

impl Played {
    fn register(field: &Field, runtime: &Runtime) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let made = field
            .client
            .post("/api/v1/account/setup-tokens", &Value::Null);
        let secret = made.unwrap()["token"].as_str().unwrap().to_owned();
        let at = field.coordinators[0].address.unwrap();
        let traded = http
            .post(format!("http://{at}/api/oauth/token"))
            .form(&json!({
                "grant_type": "urn:coord:params:oauth:grant-type:setup-token",
                "setup_token": secret,
                "machine": "played",
                "system": "played",
            }));
        let register = |token: String| {
            let url = format!("http://{at}/api/runner/v1/register");
            http.post(url).bearer_auth(token).json(&json!({
                "protocol": {"min": version::OLDEST, "max": version::CURRENT},
                "installation_id": Uuid::now_v7(),
                "name": "played",
                "platform": platform(),
                "runner_version": "0.1.0",
                "machine_key": "00",
            }))
        };
        let token = runtime.block_on(async {
            let account: Value = traded.send().await.unwrap().json().await.unwrap();
            let token = account["access_token"].as_str();
            let token = token.unwrap_or_else(|| panic!("no token: {account}"));
            let made: Value = register(token.to_owned())
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            made["tokens"]["access_token"].as_str().unwrap().to_owned()
        });
        Self {
            http,
            token,
            boot: BootId(Uuid::now_v7()),
            held: Vec::new(),
        }
    }

    /// Syncs as number `seq` at one coordinator; none when that was refused as out of date.
    async fn sync(&self, at: SocketAddr, seq: u64, hold_ms: u64) -> Option<SyncResponse> {
        let url = format!("http://{at}/api/runner/v1/sync");
        let request = self.http.post(url).bearer_auth(&self.token);
        let answer = request.json(&self.says(seq, hold_ms)).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        if status.as_u16() == 409 {
            return None;
        }
        assert!(status.is_success(), "{status}: {text}");
        Some(serde_json::from_str(&text).unwrap())
    }

    fn says(&self, seq: u64, hold_ms: u64) -> SyncRequest {
        let able = Capabilities {
            platform: platform(),
            runner_version: "0.1.0".to_owned(),
            agents: vec![AgentStatus {
                detection: Detection::Detected,
                sign_in: SignIn::SignedIn,
                ..AgentStatus::not_found("demo", "Demo agent")
            }],
            tools: Vec::new(),
        };
        let held = self.held.iter().map(|(attempt_id, fence)| HeldAttempt {
            attempt_id: *attempt_id,
            fence: *fence,
            phase: Phase::Running,
            worker_answered_ms_ago: 0,
        });
        let held: Vec<_> = held.collect();
        SyncRequest {
            protocol: version::CURRENT,
            boot_id: self.boot,
            boot_number: 1,
            seq,
            request_id: RequestId(Uuid::now_v7()),
            hold_ms,
            slots: Slots {
                total: 1,
                free: u32::from(held.is_empty()),
            },
            capabilities_digest: able.digest(),
            capabilities: Some(able),
            paused: None,
            draining: false,
            troubles: Vec::new(),
            shared_use: None,
            pause_revision: 0,
            held,
            refused: Vec::new(),
            orders_kept: Vec::new(),
        }
    }
}

fn platform() -> Platform {
    let word = str::to_owned;
    Platform {
        os: word("linux"),
        os_version: word("Debian GNU/Linux 12 (bookworm)"),
        arch: word("x86_64"),
        hostname: word("played"),
    }
}

#[test]
fn syncs_that_come_late_at_another_coordinator_change_nothing() {
    let field = Field::without_machines(size(2, 0));
    let runtime = Runtime::new().unwrap();
    let mut runner = Played::register(&field, &runtime);
    let [one, other] = [0, 1].map(|n| field.coordinators[n].address.unwrap());
    let sync = |runner: &Played, at, seq, hold| runtime.block_on(runner.sync(at, seq, hold));

    sync(&runner, one, 1, 0).expect("the first counts");
    sync(&runner, other, 5, 0).expect("a newer one counts anywhere");
    assert!(sync(&runner, one, 4, 0).is_none(), "an older one does not");
    assert!(sync(&runner, other, 1, 0).is_none());

    // One is parked at the first coordinator; a newer one overtakes it at the second.
    let parked = thread::scope(|scope| {
        let parked = scope.spawn(|| runtime.block_on(runner.sync(one, 6, HELD_OPEN_MS)));
        until("the newer sync to be parked", || {
            let id = field.client.submit("Chaos 00000", "say hello\n").ok();
            id.is_some().then_some(())
        });
        let newer = sync(&runner, other, 7, HELD_OPEN_MS);
        (parked.join().unwrap(), newer)
    });
    let (overtaken, newer) = parked;
    let newer = newer.expect("the newest is answered");
    let given: Vec<_> = [overtaken.as_ref(), Some(&newer)]
        .into_iter()
        .flatten()
        .flat_map(|answer| &answer.assignments)
        .collect();
    let first = given.first().expect("the job is given");
    assert!(
        given
            .iter()
            .all(|one| one.attempt_id == first.attempt_id && one.fence == first.fence),
        "whoever is answered is given the same"
    );
    runner.held.push((first.attempt_id, first.fence));
    let confirmed = sync(&runner, one, 9, 0).expect("the newest counts");
    assert_eq!(confirmed.leases.len(), 1);
    assert!(confirmed.stop.is_empty());

    // One from before the assignment says that it holds nothing: it is too late to be believed.
    let before = Played {
        held: Vec::new(),
        http: runner.http.clone(),
        token: runner.token.clone(),
        boot: runner.boot,
    };
    assert!(sync(&before, other, 8, 0).is_none());
    let again = sync(&runner, other, 10, 0).expect("the newest counts");
    assert_eq!(again.leases.len(), 1, "the lease is as it was");
    assert!(again.stop.is_empty());
}
