//! Entries and files that runners send, and what is refused of them.

use protocol::{ids::AttemptId, job::OutcomeKind};
use serde_json::{Value, json};

use crate::{
    runner::FakeRunner,
    support::{TestServer, soon},
    syncer::{Syncer, database, ended, state_of, submit},
};

#[tokio::test]
async fn a_gap_is_answered_and_nothing_is_asked_back() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut syncer = Syncer::here(&server, "box").await;
    submit(&owner, "Gap").await;
    let at = syncer.take(2).await;
    let line = |n: u64| json!({"n": n, "at": 1, "kind": "text", "text": "x"});
    let gap = syncer.upload(&at, "log", json!([line(2)])).await;
    gap.refused(409, "entries_missing");
    let jump = syncer.upload(&at, "log", json!([line(1), line(3)])).await;
    jump.refused(400, "invalid");
    let early = syncer
        .upload(&at, "events", json!([ended(1, "succeeded", 1)]))
        .await;
    early.refused(409, "entries_missing");
    syncer
        .upload(&at, "log", json!([line(1)]))
        .await
        .expect(200);
    let follows = json!([ended(1, "succeeded", 1), {"n": 2, "at": 1, "event": {"type": "other"}}]);
    syncer
        .upload(&at, "events", follows)
        .await
        .refused(400, "invalid");
    for _ in 0..2 {
        let end = json!([ended(1, "succeeded", 1)]);
        let kept = syncer.upload(&at, "events", end).await.expect(200).json();
        assert_eq!(kept["kept"], 1);
    }
}

#[tokio::test]
async fn files_come_back_in_parts_and_are_checked() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = submit(&owner, "Files").await;
    let mut runner = FakeRunner::register(&server, "box").await;
    let fence = runner.take().await.fence;
    let sha = |bytes: &[u8]| protocol::digest::sha256_hex(bytes);
    let (one, two) = ("first half, ", "second half");
    let whole = format!("{one}{two}");
    let part = |sha256: &str| runner.path(&format!("artifacts/parts/{sha256}"));
    let put = |path: String, content: &'static str| {
        let client = runner.client().clone();
        async move { client.put(&path, content).await }
    };
    put(part(&sha(b"another")), one)
        .await
        .refused(400, "invalid");
    put(part("no-digest"), one).await.refused(400, "invalid");
    let stored = put(part(&sha(one.as_bytes())), one)
        .await
        .expect(200)
        .json();
    assert_eq!(stored["size"], one.len());
    let file = |path: &str, sha256: String| {
        json!({"path": path, "size": whole.len(), "sha256": sha256,
               "parts": [sha(one.as_bytes()), sha(two.as_bytes())]})
    };
    let manifest = |file: Value| {
        let (client, path) = (runner.client().clone(), runner.path("artifacts"));
        async move {
            client
                .post(&path, json!({"fence": fence, "files": [file]}))
                .await
        }
    };
    let good = || file("out/whole.txt", sha(whole.as_bytes()));
    let missing = manifest(good()).await.expect(200).json();
    assert_eq!(missing["missing_parts"], json!([sha(two.as_bytes())]));
    put(part(&sha(two.as_bytes())), two).await.expect(200);
    let escape = file("../escape", sha(whole.as_bytes()));
    manifest(escape).await.refused(400, "invalid");
    let false_digest = file("out/whole.txt", sha(b"something else"));
    manifest(false_digest).await.refused(400, "invalid");
    for _ in 0..2 {
        let stored = manifest(good()).await.expect(200).json();
        assert_eq!(stored["missing_parts"], json!([]));
    }
    let too_large = vec![0_u8; 8 * 1024 * 1024 + 1];
    let path = part(&sha(&too_large));
    runner
        .client()
        .put(&path, too_large)
        .await
        .refused(413, "too_large");

    let late_part = part(&sha(one.as_bytes()));
    let seen = owner
        .get(&format!("/api/v1/jobs/{}", job["id"].as_str().unwrap()))
        .await
        .json();
    let id = seen["artifacts"][0]["id"].as_str().unwrap();
    let content = owner
        .get(&format!("/api/v1/artifacts/{id}/content"))
        .await
        .expect(200);
    assert_eq!(content.text, whole);
    let client = runner.client().clone();
    runner.end(OutcomeKind::Succeeded).await;
    client
        .put(&late_part, one)
        .await
        .refused(410, "fence_moved_on");
}

#[tokio::test]
async fn a_log_that_differs_from_its_checksum_is_noted_and_the_job_is_done() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let mut syncer = Syncer::here(&server, "box").await;
    let entry = json!({"n": 1, "at": 1, "kind": "text", "text": "hello"});
    let digest = protocol::digest::sha256_hex(format!("{entry}\n").as_bytes());
    let mut seq = 2;
    for (log_sha256, word) in [(digest, "matches"), ("0".repeat(64), "differs")] {
        let job = submit(&owner, word).await;
        let at = syncer.take(seq).await;
        syncer.upload(&at, "log", json!([entry])).await.expect(200);
        let mut end = ended(1, "succeeded", 1);
        end["event"]["outcome"]["log_sha256"] = json!(log_sha256);
        syncer.upload(&at, "events", json!([end])).await.expect(200);
        assert_eq!(state_of(&owner, &job).await, "done");
        assert_eq!(checked(&server, at.attempt_id).await, word);
        syncer.held.clear();
        seq += 2;
    }
}

/// What the comparison of the attempt's log said, once it was made.
async fn checked(server: &TestServer, attempt: AttemptId) -> String {
    soon("the comparison", async {
        loop {
            let mut database = database(server).await;
            let word: Option<String> =
                sqlx::query_scalar("SELECT log_check FROM attempts WHERE id = $1")
                    .bind(attempt.to_string())
                    .fetch_one(&mut database)
                    .await
                    .unwrap();
            if let Some(word) = word {
                return word;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}
