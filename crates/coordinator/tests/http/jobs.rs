//! Jobs and their limits, attachments, holds, and who sees them.

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use crate::support::{Client, EMAIL, PASSWORD, TestServer, send};

const JOBS: &str = "/api/v1/workspaces/team/jobs";

async fn submit(client: &Client, title: &str, ready: bool) -> Value {
    let body = json!({"title": title, "instructions": "say hello", "ready": ready});
    client.post(JOBS, body).await.expect(201).json()
}

fn at(job: &Value, rest: &str) -> String {
    format!("/api/v1/jobs/{}{rest}", job["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_job_is_submitted_found_made_ready_and_cancelled() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = submit(&owner, "  First job ", false).await;
    assert_eq!(
        (&job["number"], &job["state"]),
        (&json!(1), &json!("backlog"))
    );
    assert_eq!(job["title"], "First job");
    assert_eq!(job["created_by"]["email"], EMAIL);
    assert_eq!(job["target"]["kind"], "my");
    let by_number = owner.get(&format!("{JOBS}/1")).await.expect(200).json();
    assert_eq!(by_number["id"], job["id"]);

    let ready = owner
        .post(&at(&job, "/ready"), json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(ready["state"], "ready");
    assert_eq!(ready["hold"], json!({"reason": "no_runner", "runners": []}));
    let cancelled = owner
        .post(&at(&job, "/cancel"), json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(cancelled["state"], "cancelled");
    owner
        .post(&at(&job, "/cancel"), json!({}))
        .await
        .refused(409, "conflict");
    owner
        .post(&at(&job, "/ready"), json!({}))
        .await
        .refused(409, "conflict");
}

#[tokio::test]
async fn lists_are_filtered_searched_and_paged() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    for title in ["Fix the door", "Paint the door", "Sweep"] {
        submit(&owner, title, title == "Sweep").await;
    }
    let titles = |query: &str| {
        let (owner, path) = (owner.clone(), format!("{JOBS}?{query}"));
        async move {
            let page = owner.get(&path).await.expect(200).json();
            let jobs = page["jobs"].as_array().unwrap();
            let titles: Vec<_> = jobs
                .iter()
                .map(|job| job["title"].as_str().unwrap().to_owned())
                .collect();
            (titles, page["next"].as_str().map(str::to_owned))
        }
    };
    assert_eq!(
        titles("").await.0,
        ["Sweep", "Paint the door", "Fix the door"]
    );
    assert_eq!(titles("state=ready,done").await.0, ["Sweep"]);
    assert_eq!(
        titles("search=DOOR").await.0,
        ["Paint the door", "Fix the door"]
    );
    let (first, next) = titles("limit=2").await;
    assert_eq!(first, ["Sweep", "Paint the door"]);
    let (rest, end) = titles(&format!("limit=2&before={}", next.unwrap())).await;
    assert_eq!((rest, end), (vec!["Fix the door".to_owned()], None));
    owner
        .get(&format!("{JOBS}?state=asleep"))
        .await
        .refused(400, "invalid");
}

#[tokio::test]
async fn what_breaks_a_limit_is_refused_with_what_to_do() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let body =
        |title: &str, instructions: String| json!({"title": title, "instructions": instructions});
    owner
        .post(JOBS, body("", "x".to_owned()))
        .await
        .refused(400, "invalid");
    owner
        .post(JOBS, body("t", "  ".to_owned()))
        .await
        .refused(400, "invalid");
    let nul = owner.post(JOBS, body("t", "a\u{0}b".to_owned())).await;
    nul.refused(400, "invalid");
    for bytes in [1024 * 1024 + 1, 10 * 1024 * 1024] {
        let large = owner
            .post(JOBS, body("t", "x".repeat(bytes)))
            .await
            .refused(413, "too_large");
        assert!(
            large.json()["hint"].as_str().unwrap().contains("attach"),
            "{large:?}"
        );
    }
    owner
        .post(JOBS, body("t", "x".repeat(1024 * 1024)))
        .await
        .expect(201);
    let runner = json!({"title": "t", "instructions": "x", "target": {"kind": "runner", "runner_id": uuid::Uuid::nil()}});
    owner.post(JOBS, runner).await.refused(404, "not_found");
    assert_eq!(
        owner.get(JOBS).await.json()["jobs"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn files_are_attached_in_backlog_only() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = submit(&owner, "With files", false).await;
    let notes = at(&job, "/attachments/notes.md");
    let first = owner.put(&notes, "first").await.expect(200).json();
    assert_eq!(
        (&first["name"], &first["size"]),
        (&json!("notes.md"), &json!(5))
    );
    let second = owner.put(&notes, "second!").await.expect(200).json();
    owner
        .put(&at(&job, "/attachments/Gr%C3%BC%C3%9Fe%201.txt"), "hello")
        .await
        .expect(200);
    owner
        .put(&at(&job, "/attachments/empty"), "")
        .await
        .expect(200);
    let seen = owner.get(&at(&job, "")).await.expect(200).json();
    let names: Vec<_> = seen["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["name"])
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(seen["attachments"].as_array().unwrap().contains(&second));
    let kept = server
        .data
        .path()
        .join("objects/attachments")
        .join(job["id"].as_str().unwrap());
    let content = std::fs::read(kept.join(second["sha256"].as_str().unwrap())).unwrap();
    assert_eq!(content, b"second!");

    owner
        .put(&at(&job, "/attachments/..%2Fescape"), "x")
        .await
        .refused(400, "invalid");
    owner.post(&at(&job, "/ready"), json!({})).await.expect(200);
    owner.put(&notes, "late").await.refused(409, "conflict");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_before_it_is_sent() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = submit(&owner, "Large", false).await;
    let declared = owner
        .request(Method::PUT, &at(&job, "/attachments/large.bin"))
        .header("content-length", (101 * 1024 * 1024).to_string())
        .header("expect", "100-continue")
        .body(reqwest::Body::wrap_stream(futures::stream::pending::<
            Result<Vec<u8>, std::io::Error>,
        >()));
    crate::support::soon("the refusal", send(declared))
        .await
        .refused(413, "too_large");
    let seen = owner.get(&at(&job, "")).await.expect(200).json();
    assert_eq!(seen["attachments"], json!([]));
}

#[tokio::test]
async fn a_foreign_workspace_does_not_exist() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = submit(&owner, "Secret", true).await;
    add_stranger(&server).await;
    let mut stranger = server.client();
    stranger
        .sign_in("eve@example.com", PASSWORD)
        .await
        .expect(200);
    let own = stranger.get("/api/v1/me").await.expect(200).json();
    assert_eq!(own["workspaces"][0]["slug"], "elsewhere");
    let workspace = job["workspace_id"].as_str().unwrap();
    for path in [
        "/api/v1/workspaces/team".to_owned(),
        format!("/api/v1/workspaces/{workspace}"),
        JOBS.to_owned(),
        format!("{JOBS}/1"),
        "/api/v1/workspaces/team/pending".to_owned(),
        "/api/v1/workspaces/team/runners".to_owned(),
        "/api/v1/workspaces/team/live".to_owned(),
        at(&job, ""),
        at(&job, "/attempts/1/log"),
        at(&job, "/attempts/1/events"),
        at(&job, "/attempts/1/log.txt"),
    ] {
        stranger.get(&path).await.refused(404, "not_found");
    }
    stranger
        .post(&at(&job, "/cancel"), json!({}))
        .await
        .refused(404, "not_found");
    stranger
        .post(JOBS, json!({"title": "t", "instructions": "x"}))
        .await
        .refused(404, "not_found");
    let preview = json!({"target": {"kind": "any"}});
    stranger
        .post("/api/v1/workspaces/team/target-preview", preview)
        .await
        .refused(404, "not_found");
    stranger
        .put(&at(&job, "/attachments/a"), "x")
        .await
        .refused(404, "not_found");
    assert_eq!(owner.get(&at(&job, "")).await.json()["state"], "ready");
}

/// An account with a workspace of its own, of which the owner knows nothing.
async fn add_stranger(server: &TestServer) {
    let file = server.data.path().join("coord.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    for statement in [
        "INSERT INTO accounts (id, email, name, password_hash, created_at)
         SELECT '018f0000-0000-7000-8000-000000000001', 'eve@example.com', 'eve', password_hash, 1 FROM accounts",
        "INSERT INTO workspaces (id, slug, name, created_at)
         VALUES ('018f0000-0000-7000-8000-000000000002', 'elsewhere', 'Elsewhere', 1)",
        "INSERT INTO members (workspace_id, account_id, role, created_at)
         VALUES ('018f0000-0000-7000-8000-000000000002', '018f0000-0000-7000-8000-000000000001', 'owner', 1)",
    ] {
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let nobody = uuid::Uuid::nil();
    for path in [
        format!("/api/v1/jobs/{nobody}"),
        "/api/v1/jobs/seven".to_owned(),
        format!("{JOBS}/99"),
        format!("{JOBS}/x"),
        format!("/api/v1/runners/{nobody}"),
        format!("/api/v1/artifacts/{nobody}/content"),
    ] {
        owner.get(&path).await.refused(404, "not_found");
    }
    let answer = json!({"decision": "deny", "digest": ""});
    owner
        .post(&format!("/api/v1/approvals/{nobody}/answer"), answer)
        .await
        .refused(404, "not_found");
    let answer = json!({"digest": "", "answers": []});
    owner
        .post(&format!("/api/v1/questions/{nobody}/answer"), answer)
        .await
        .refused(404, "not_found");
    let empty = owner
        .get("/api/v1/workspaces/team/pending")
        .await
        .expect(200)
        .json();
    assert_eq!(empty, json!({"approvals": [], "questions": []}));
}
