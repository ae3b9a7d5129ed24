//! A job's way as people see it, while a runner works on it: on both databases.

use protocol::{
    agent::AgentName,
    approval::{Action, AnsweredBy, Approval, ApprovalSubject, Decision, Surface},
    ids::{ApprovalId, QuestionId},
    job::{OutcomeKind, Phase},
    question::{Question, QuestionItem},
    record::{Event, LogKind},
    runner::OrderKind,
    time::Timestamp,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    runner::FakeRunner,
    support::{Client, TestServer},
};

const TEAM: &str = "/api/v1/workspaces/team";

pub(crate) fn approval() -> Approval {
    let subject = ApprovalSubject {
        action: Action::Run {
            command: "rm -rf build".to_owned(),
        },
        directory: "/work".to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    };
    Approval::new(ApprovalId(Uuid::now_v7()), subject, Timestamp(1))
}

fn question() -> Question {
    let item = QuestionItem {
        key: "colour".to_owned(),
        text: "Which colour?".to_owned(),
        options: Vec::new(),
        multiple: false,
        free_text: true,
    };
    Question::new(QuestionId(Uuid::now_v7()), vec![item], Timestamp(1))
}

/// The whole way of one job.
async fn walk(server: &TestServer) {
    let owner = server.owner().await;
    let new = json!({"title": "Walk", "instructions": "say hello", "agent": "demo"});
    let job = owner
        .post(&format!("{TEAM}/jobs"), new)
        .await
        .expect(201)
        .json();
    let job = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    owner
        .put(&format!("{job}/attachments/notes.md"), "notes")
        .await
        .expect(200);
    owner
        .post(&format!("{job}/ready"), json!({}))
        .await
        .expect(200);

    let mut runner = FakeRunner::register(server, "box").await;
    let assignment = runner.take().await;
    assert_eq!(
        (assignment.title.as_str(), assignment.attempt_number),
        ("Walk", 1)
    );
    let notes = runner
        .client()
        .get(&runner.path("inputs/notes.md"))
        .await
        .expect(200);
    assert_eq!(notes.text, "notes");
    seen_at_work(&owner, &runner, &job).await;

    runner
        .event(Event::PhaseChanged {
            phase: Phase::Running,
        })
        .await
        .expect(200);
    let session = Event::SessionStarted {
        agent: AgentName::new("demo"),
        version: None,
        session: None,
        model: None,
        resumed: false,
    };
    runner.event(session).await.expect(200);
    runner.say(LogKind::Text, "hello").await;
    runner.say(LogKind::Tool, "3 files").await;
    approve(server, &owner, &mut runner, &job).await;
    answer(&owner, &mut runner).await;
    runner.hand_back("report/out \"1\".html", "<script>").await;
    runner.end(OutcomeKind::Succeeded).await;
    look_back(&owner, &job).await;
}

async fn seen_at_work(owner: &Client, runner: &FakeRunner, job: &str) {
    let seen = owner.get(job).await.expect(200).json();
    assert_eq!(
        (&seen["state"], &seen["hold"]),
        (&json!("in_progress"), &Value::Null)
    );
    assert_eq!(seen["attempts"][0]["runner"], "box");
    let list = owner
        .get(&format!("{TEAM}/runners"))
        .await
        .expect(200)
        .json();
    let shown = &list["runners"][0];
    assert_eq!(
        (&shown["state"], &shown["activity"]),
        (&json!("online"), &json!("active"))
    );
    assert_eq!(shown["current_jobs"][0]["title"], "Walk");
    let alone = owner
        .get(&format!("/api/v1/runners/{}", runner.id))
        .await
        .expect(200)
        .json();
    assert_eq!(alone["short_id"], shown["short_id"]);
    let preview = json!({"target": {"kind": "my"}, "agent": "demo"});
    let preview = owner
        .post(&format!("{TEAM}/target-preview"), preview)
        .await
        .expect(200)
        .json();
    assert_eq!(preview["can_take"], json!([]));
    assert_eq!(
        preview["cannot_take"][0]["refusal"]["because"],
        "no_free_slot"
    );
}

/// Somebody who answers for every job here, and owns no machine.
async fn admin(server: &TestServer, owner: &Client) -> Client {
    let invitation = json!({"email": "bob@example.com", "role": "admin"});
    let made = owner.post(&format!("{TEAM}/invitations"), invitation).await;
    let made = made.expect(201).json();
    let (_, token) = made["url"].as_str().unwrap().split_once('#').unwrap();
    let mut bob = server.client();
    let signed_up = bob.sign_up("bob@example.com", Some(token)).await;
    signed_up.expect(201);
    bob
}

/// A rule is for the machine's owner alone, whoever else may answer.
async fn only_the_owner_allows_always(admin: &Client, path: &str, digest: &str) {
    let rule = json!({"matches": {"kind": "command", "words": ["rm", "build"]}});
    let always = json!({"decision": "allow_always", "digest": digest, "rule": rule});
    let refused = admin.post(path, always).await.expect(403).json();
    assert_eq!(refused["code"], "forbidden");
    let why = refused["message"].as_str().unwrap_or_default();
    assert!(why.contains("owner of the machine"), "{why}");
    assert!(refused["hint"].is_string(), "it says what to do instead");
}

async fn approve(server: &TestServer, owner: &Client, runner: &mut FakeRunner, job: &str) {
    let approval = approval();
    runner
        .event(Event::ApprovalRequested {
            approval: approval.clone(),
        })
        .await
        .expect(200);
    let pending = owner
        .get(&format!("{TEAM}/pending"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        pending["approvals"][0]["approval"]["id"],
        json!(approval.id)
    );
    let path = format!("/api/v1/approvals/{}/answer", approval.id);
    let answer = |digest: &str| json!({"decision": "allow_once", "digest": digest});
    owner
        .post(&path, answer("another"))
        .await
        .refused(409, "conflict");
    let bash = json!({"matches": {"kind": "command", "words": ["bash"]}});
    for rule in [json!(null), bash] {
        let always = json!({"decision": "allow_always", "digest": &approval.digest, "rule": rule});
        owner.post(&path, always).await.refused(400, "invalid");
    }
    let bob = admin(server, owner).await;
    only_the_owner_allows_always(&bob, &path, &approval.digest).await;
    // The refusal settled nothing: it still waits for an answer.
    let sent = owner
        .post(&path, answer(&approval.digest))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&sent["status"], &sent["by"]["surface"]),
        (&json!("sent"), &json!("web"))
    );
    let late = owner
        .post(&path, answer(&approval.digest))
        .await
        .expect(409);
    let why = late.json()["message"].to_string();
    assert!(why.contains("in the web app"), "who was first: {why}");

    let orders = runner.sync(0).await.orders;
    assert!(
        matches!(&orders[0].order, OrderKind::AnswerApproval { approval_id, .. } if *approval_id == approval.id),
        "{orders:?}"
    );
    let settled = Event::ApprovalSettled {
        approval_id: approval.id,
        decision: Decision::AllowOnce,
        by: AnsweredBy {
            surface: Surface::Web,
            name: "ada".to_owned(),
        },
        note: None,
    };
    runner.event(settled).await.expect(200);
    let seen = owner.get(job).await.expect(200).json();
    assert_eq!(seen["approvals"][0]["status"], "settled");
    assert!(runner.sync(0).await.orders.is_empty());
}

async fn answer(owner: &Client, runner: &mut FakeRunner) {
    let question = question();
    runner
        .event(Event::QuestionAsked {
            question: question.clone(),
        })
        .await
        .expect(200);
    let path = format!("/api/v1/questions/{}/answer", question.id);
    let with = |answers: Value| json!({"digest": question.digest, "answers": answers});
    owner
        .post(&path, with(json!([{"key": "shape", "values": ["round"]}])))
        .await
        .refused(400, "invalid");
    let answers = json!([{"key": "colour", "values": ["blue"]}]);
    let sent = owner.post(&path, with(answers)).await.expect(200).json();
    assert_eq!(sent["answers"][0]["values"], json!(["blue"]));
    let orders = runner.sync(0).await.orders;
    assert!(
        matches!(&orders[0].order, OrderKind::AnswerQuestion { .. }),
        "{orders:?}"
    );
}

async fn look_back(owner: &Client, job: &str) {
    let seen = owner.get(job).await.expect(200).json();
    assert_eq!(seen["state"], "done");
    assert_eq!(seen["attempts"][0]["outcome"], "succeeded");
    assert_eq!(seen["attempts"][0]["agent"], "demo");
    let log = owner
        .get(&format!("{job}/attempts/1/log?after=1"))
        .await
        .expect(200)
        .json();
    assert_eq!((&log["last"], &log["complete"]), (&json!(2), &json!(true)));
    assert_eq!(log["entries"][0]["text"], "3 files");
    let text = owner
        .get(&format!("{job}/attempts/1/log.txt"))
        .await
        .expect(200);
    assert_eq!(text.text, "hello\n[tool] 3 files\n");
    assert!(text.header("content-type").starts_with("text/plain"));
    let events = owner
        .get(&format!("{job}/attempts/1/events?limit=1"))
        .await
        .expect(200)
        .json();
    assert_eq!(events["entries"].as_array().unwrap().len(), 1);
    assert_eq!(events["last"], 6);
    owner
        .get(&format!("{job}/attempts/2/log"))
        .await
        .refused(404, "not_found");

    let artifact = &seen["artifacts"][0];
    let path = format!(
        "/api/v1/artifacts/{}/content",
        artifact["id"].as_str().unwrap()
    );
    let file = owner.get(&path).await.expect(200);
    assert_eq!(file.text, "<script>");
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; "),
        "{file:?}"
    );
    assert!(
        file.header("content-security-policy")
            .starts_with("sandbox"),
        "{file:?}"
    );
    assert_eq!(file.header("content-length"), "8");
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_on_the_embedded_database() {
    walk(&TestServer::start().await).await;
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_on_postgresql() {
    let postgres = tokio::task::spawn_blocking(testkit::postgres::Postgres::start)
        .await
        .unwrap()
        .unwrap();
    let mut server = TestServer::start_on_database(&postgres.database().unwrap()).await;
    walk(&server).await;
    server.stop().await;
}
