//! Two workspaces full of things, each marked with a word of its own, and everybody who calls.

use std::{collections::HashMap, path::Path};

use protocol::{
    approval::{Action, Approval, ApprovalSubject},
    ids::{ApprovalId, QuestionId},
    job::{OutcomeKind, Phase},
    question::{Question, QuestionItem},
    record::{Event, LogKind},
    time::Timestamp,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::database;
use crate::{
    runner::FakeRunner,
    support::{Client, TestServer},
};

pub(super) const PASSWORD: &str = "correct horse battery";

/// Everybody who calls; all but the first two and the last belong to the first workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// Not signed in.
    Nobody,
    /// The owner of the other workspace.
    Stranger,
    Viewer,
    /// A member with no part in any job and no runner.
    Member,
    /// A member whose jobs and whose runner these are.
    Lead,
    Admin,
    Owner,
    /// Tokens of the owner, each with one scope.
    TokenRead,
    TokenJobs,
    TokenRunners,
    TokenMembers,
    /// The runner of the lead.
    Runner,
}

pub(super) const CALLERS: [Caller; 12] = [
    Caller::Nobody,
    Caller::Stranger,
    Caller::Viewer,
    Caller::Member,
    Caller::Lead,
    Caller::Admin,
    Caller::Owner,
    Caller::TokenRead,
    Caller::TokenJobs,
    Caller::TokenRunners,
    Caller::TokenMembers,
    Caller::Runner,
];

/// The things of one workspace, by what they are called in addresses.
#[derive(Debug, Clone)]
pub(super) struct Things {
    /// The word that stands in each of them.
    pub(super) marker: &'static str,
    by_name: HashMap<&'static str, String>,
    sync: Value,
}

impl Things {
    pub(super) fn get(&self, name: &str) -> &str {
        self.by_name
            .get(name)
            .unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// What nobody of the other workspace may ever be told.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let ids = [
            "workspace",
            "jobs",
            "attempts",
            "runner",
            "account",
            "approvals",
        ];
        ids.iter()
            .map(|name| self.get(name))
            .chain([self.marker])
            .collect()
    }

    /// The first part of an address from these things and the rest from others.
    pub(super) fn crossed_with(&self, others: &Self) -> Self {
        let mut crossed = others.clone();
        crossed.marker = self.marker;
        for first in ["workspace", "job in backlog"] {
            crossed.by_name.insert(first, self.get(first).to_owned());
        }
        crossed
    }

    pub(super) fn fence(&self) -> u64 {
        self.get("fence").parse().unwrap()
    }

    pub(super) fn sync(&self) -> Value {
        self.sync.clone()
    }

    pub(super) fn event(&self) -> Value {
        let event = json!({"type": "phase_changed", "phase": "running"});
        json!({"fence": self.fence(), "entries": [{"n": 4, "at": 1, "event": event}]})
    }

    pub(super) fn log_entry(&self) -> Value {
        let entry = json!({"n": 2, "at": 1, "kind": "text", "text": "x", "partial": false});
        json!({"fence": self.fence(), "entries": [entry]})
    }
}

/// Everything, on disk and ready to be served.
pub(super) struct World {
    pub(super) data: TempDir,
    pub(super) callers: HashMap<Caller, Client>,
    pub(super) here: Things,
    pub(super) there: Things,
}

/// Plants both workspaces.
pub(super) async fn plant() -> World {
    let mut server = TestServer::start_with("[sign_up]\nopen = true\n").await;
    let (here, mut callers) = plant_one(&server, "Alphamark").await;
    let (there, others) = plant_one(&server, "Betamark").await;
    callers.insert(Caller::Nobody, server.client());
    callers.insert(Caller::Stranger, others[&Caller::Owner].clone());
    crate::support::soon("the look at the logs", async {
        while database::logs_to_deal_with(server.data.path()).await > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.stop().await;
    World {
        data: copy(server.data.path()),
        callers,
        here,
        there,
    }
}

/// A copy of a data directory that nobody uses.
pub(super) fn copy(data: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    copy_into(data, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy_into(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).unwrap();
        }
    }
}

async fn sign_up(server: &TestServer, marker: &str, part: &str) -> (Client, Value) {
    let email = format!("{}-{part}@example.com", marker.to_lowercase());
    let body = json!({"email": email, "name": format!("{marker} {part}"), "password": PASSWORD});
    let mut client = server.client();
    client.post("/api/v1/auth/sign-up", body).await.expect(201);
    let me = client.sign_in(&email, PASSWORD).await.expect(200).json();
    (client, me["account"].clone())
}

async fn plant_one(server: &TestServer, marker: &'static str) -> (Things, HashMap<Caller, Client>) {
    let mut by_name: HashMap<&'static str, String> = HashMap::new();
    let (owner, _) = sign_up(server, marker, "owner").await;
    let new = json!({"name": format!("{marker} Works")});
    let made = owner
        .post("/api/v1/workspaces", new)
        .await
        .expect(201)
        .json();
    let id = text(&made["id"]);
    by_name.insert("workspace name", text(&made["name"]));
    by_name.insert("workspace", id.clone());
    let workspace = format!("/api/v1/workspaces/{id}");
    let mut callers = HashMap::new();
    for (caller, part, role) in [
        (Caller::Viewer, "viewer", "viewer"),
        (Caller::Member, "member", "member"),
        (Caller::Lead, "lead", "member"),
        (Caller::Admin, "admin", "admin"),
    ] {
        let (client, account) = sign_up(server, marker, part).await;
        let invitation = json!({"email": account["email"], "role": role});
        let made = owner
            .post(&format!("{workspace}/invitations"), invitation)
            .await
            .expect(201)
            .json();
        let token = text(&made["url"]).split_once('#').unwrap().1.to_owned();
        client
            .post(&format!("/api/v1/invitations/{token}/accept"), json!({}))
            .await
            .expect(200);
        if caller == Caller::Member {
            by_name.insert("account", text(&account["id"]));
        }
        callers.insert(caller, client);
    }
    callers.insert(Caller::Owner, owner.clone());
    plant_owners_own(
        server,
        &owner,
        marker,
        &workspace,
        &mut by_name,
        &mut callers,
    )
    .await;
    let sync = plant_jobs(server, marker, &workspace, &mut by_name, &mut callers).await;
    let things = Things {
        marker,
        by_name,
        sync,
    };
    (things, callers)
}

/// Tokens, sessions, devices and invitations of the owner.
async fn plant_owners_own(
    server: &TestServer,
    owner: &Client,
    marker: &str,
    workspace: &str,
    by_name: &mut HashMap<&'static str, String>,
    callers: &mut HashMap<Caller, Client>,
) {
    for (caller, scope) in [
        (Caller::TokenRead, "read"),
        (Caller::TokenJobs, "jobs"),
        (Caller::TokenRunners, "runners"),
        (Caller::TokenMembers, "members"),
    ] {
        let new =
            json!({"name": format!("{marker} {scope}"), "scopes": [scope], "expires_in_days": 1});
        let made = owner
            .post("/api/v1/account/tokens", new)
            .await
            .expect(201)
            .json();
        by_name.insert("tokens", text(&made["view"]["id"]));
        callers.insert(caller, owner.with_token(&text(&made["token"])));
    }
    // The one that is ended is not the one that is used.
    let new = json!({"name": format!("{marker} spare"), "scopes": ["read"], "expires_in_days": 1});
    let made = owner
        .post("/api/v1/account/tokens", new)
        .await
        .expect(201)
        .json();
    by_name.insert("tokens", text(&made["view"]["id"]));
    let mut elsewhere = server.client();
    let email = format!("{}-owner@example.com", marker.to_lowercase());
    elsewhere.sign_in(&email, PASSWORD).await.expect(200);
    let sessions = owner
        .get("/api/v1/account/sessions")
        .await
        .expect(200)
        .json();
    let other = sessions["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["current"] == json!(false))
        .unwrap();
    by_name.insert("sessions", text(&other["id"]));
    plant_device(server, owner, by_name).await;
    plant_invitation(owner, marker, workspace, by_name).await;
    let setup = owner
        .post("/api/v1/account/setup-tokens", json!({}))
        .await
        .expect(201)
        .json();
    by_name.insert("setup-tokens", text(&setup["id"]));
}

/// A device that is signed in, and one whose code waits.
async fn plant_device(
    server: &TestServer,
    owner: &Client,
    by_name: &mut HashMap<&'static str, String>,
) {
    crate::tokens::sign_in_device_as(server, owner, "coord-cli").await;
    let devices = owner
        .get("/api/v1/account/devices")
        .await
        .expect(200)
        .json();
    by_name.insert("devices", text(&devices["devices"][0]["id"]));
    let fields = [
        ("client_id", "coord-cli"),
        ("machine", "m"),
        ("system", "s"),
    ];
    let codes = server
        .client()
        .form("/api/oauth/device_authorization", &fields)
        .await
        .expect(200)
        .json();
    by_name.insert("user_code", text(&codes["user_code"]));
}

async fn plant_invitation(
    owner: &Client,
    marker: &str,
    workspace: &str,
    by_name: &mut HashMap<&'static str, String>,
) {
    let guest = format!("{}-guest@example.com", marker.to_lowercase());
    let made = owner
        .post(
            &format!("{workspace}/invitations"),
            json!({"email": guest, "role": "viewer"}),
        )
        .await
        .expect(201)
        .json();
    by_name.insert("invitations", text(&made["invitation"]["id"]));
    by_name.insert(
        "token",
        text(&made["url"]).split_once('#').unwrap().1.to_owned(),
    );
}

/// A runner, and jobs in every state that calls need.
async fn plant_jobs(
    server: &TestServer,
    marker: &str,
    workspace: &str,
    by_name: &mut HashMap<&'static str, String>,
    callers: &mut HashMap<Caller, Client>,
) -> Value {
    let lead = callers[&Caller::Lead].clone();
    let name = format!("{marker}-box");
    let mut runner = FakeRunner::register_as(server, &lead, &name).await;
    by_name.insert("runner", runner.id.clone());
    by_name.insert("runners", runner.id.clone());
    by_name.insert("runner name", name);
    runner.sync(0).await;
    let submit = async |title: &str, ready: bool| {
        let body = json!({
            "title": format!("{marker} {title}"),
            "instructions": format!("{marker} instructions"),
            "ready": ready,
        });
        let jobs = format!("{workspace}/jobs");
        lead.post(&jobs, body).await.expect(201).json()
    };
    let done = submit("done", true).await;
    runner.take().await;
    runner.say(LogKind::Text, &format!("{marker} says")).await;
    runner.hand_back("out.txt", "the content").await;
    runner.end(OutcomeKind::Succeeded).await;
    let seen = lead
        .get(&format!("/api/v1/jobs/{}", text(&done["id"])))
        .await
        .expect(200)
        .json();
    by_name.insert("artifacts", text(&seen["artifacts"][0]["id"]));

    let job = submit("at work", false).await;
    let path = format!("/api/v1/jobs/{}", text(&job["id"]));
    let notes = format!("{path}/attachments/notes.md");
    lead.put(&notes, format!("{marker} notes"))
        .await
        .expect(200);
    lead.post(&format!("{path}/ready"), json!({}))
        .await
        .expect(200);
    let assignment = runner.take().await;
    by_name.insert("name", "notes.md".to_owned());
    by_name.insert("jobs", text(&job["id"]));
    by_name.insert("number", job["number"].to_string());
    by_name.insert("attempts", assignment.attempt_id.to_string());
    by_name.insert("fence", assignment.fence.to_string());
    let content = protocol::digest::sha256_hex(b"x");
    by_name.insert("sha256", content);
    plant_asks(marker, &mut runner, by_name).await;
    let backlog = submit("in backlog", false).await;
    by_name.insert("job in backlog", text(&backlog["id"]));
    let ready = submit("that is ready", true).await;
    by_name.insert("job that is ready", text(&ready["id"]));
    let over = submit("that is over", false).await;
    by_name.insert("job that is over", text(&over["id"]));
    lead.post(
        &format!("/api/v1/jobs/{}/cancel", text(&over["id"])),
        json!({}),
    )
    .await
    .expect(200);
    callers.insert(Caller::Runner, runner.client().clone());
    runner.next_sync()
}

/// An approval and a question that wait for an answer.
async fn plant_asks(
    marker: &str,
    runner: &mut FakeRunner,
    by_name: &mut HashMap<&'static str, String>,
) {
    let phase = Phase::Running;
    runner
        .event(Event::PhaseChanged { phase })
        .await
        .expect(200);
    runner.say(LogKind::Text, &format!("{marker} says")).await;
    let subject = ApprovalSubject {
        action: Action::Run {
            command: format!("echo {marker}"),
        },
        directory: "/work".to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    };
    let approval = Approval::new(ApprovalId(Uuid::now_v7()), subject, Timestamp(1));
    by_name.insert("approvals", approval.id.to_string());
    by_name.insert("approval digest", approval.digest.clone());
    runner
        .event(Event::ApprovalRequested { approval })
        .await
        .expect(200);
    let item = QuestionItem {
        key: "colour".to_owned(),
        text: format!("{marker}: which colour?"),
        options: Vec::new(),
        multiple: false,
        free_text: true,
    };
    let question = Question::new(QuestionId(Uuid::now_v7()), vec![item], Timestamp(1));
    by_name.insert("questions", question.id.to_string());
    by_name.insert("question digest", question.digest.clone());
    runner
        .event(Event::QuestionAsked { question })
        .await
        .expect(200);
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}
