//! What is over and old goes with its files, where the settings say so; nothing else does.

use protocol::{job::OutcomeKind, record::LogKind};
use serde_json::{Value, json};

use crate::{
    runner::FakeRunner,
    support::{Client, TestServer, soon},
    syncer::{database, submit},
};

const JOBS: &str = "/api/v1/workspaces/team/jobs";

/// A job that is done, with a log and a file of each kind.
pub(crate) async fn done(server: &TestServer, owner: &Client, name: &str) -> Value {
    let job = json!({"title": name, "instructions": "say hello"});
    let job = owner.post(JOBS, job).await.expect(201).json();
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    owner
        .put(&format!("{path}/attachments/notes.md"), "notes")
        .await
        .expect(200);
    owner
        .post(&format!("{path}/ready"), json!({}))
        .await
        .expect(200);
    let mut runner = FakeRunner::register(server, name).await;
    runner.take().await;
    runner.say(LogKind::Text, "hello").await;
    runner.hand_back("out.txt", "made here").await;
    runner.end(OutcomeKind::Succeeded).await;
    job
}

fn files(server: &TestServer) -> usize {
    let mut folders = vec![server.data.path().join("objects")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
            }
        }
    }
    files
}

async fn is_there(owner: &Client, job: &Value) -> bool {
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    owner.get(&path).await.status.is_success()
}

#[tokio::test]
async fn what_is_over_and_old_goes_with_its_files() {
    let mut server = TestServer::start_with("[retention]\njobs_days = 30\n").await;
    let owner = server.owner().await;
    let old = done(&server, &owner, "old").await;
    let new = done(&server, &owner, "new").await;
    let waits = submit(&owner, "waits").await;
    soon("the sealing of both logs", async {
        let sealed = "SELECT COUNT(*) FROM sealed_logs WHERE NOT rows_left";
        while sqlx::query_scalar::<_, i64>(sealed)
            .fetch_one(&mut database(&server).await)
            .await
            .unwrap()
            < 2
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(files(&server), 6, "an attachment, a part and a log of each");
    server.stop().await;
    for text in [
        "UPDATE jobs SET updated_at = updated_at - 31 * 86400000 WHERE id IN ($1, $2)",
        "UPDATE attempts SET ended_at = ended_at - 31 * 86400000 WHERE job_id IN ($1, $2)",
    ] {
        sqlx::query(text)
            .bind(old["id"].as_str().unwrap())
            .bind(waits["id"].as_str().unwrap())
            .execute(&mut database(&server).await)
            .await
            .unwrap();
    }
    let TestServer { data, .. } = server;
    let server = TestServer::start_on(data).await;
    let owner = server.owner().await;
    soon("the end of the old job", async {
        while is_there(&owner, &old).await {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(is_there(&owner, &new).await && is_there(&owner, &waits).await);
    assert_eq!(files(&server), 3);
    let text = format!(
        "/api/v1/jobs/{}/attempts/1/log.txt",
        new["id"].as_str().unwrap()
    );
    assert_eq!(owner.get(&text).await.expect(200).text, "hello\n");
}

#[tokio::test]
async fn a_deadline_is_shown_and_has_bounds() {
    let settings = "[jobs]\ndeadline_s = 3600\nworkspace_deadline_s = { team = 600 }\n";
    let server = TestServer::start_with(settings).await;
    let owner = server.owner().await;
    let submit = async |deadline_s: Value| {
        let job = json!({"title": "x", "instructions": "say hello", "deadline_s": deadline_s});
        owner.post(JOBS, job).await
    };
    for (asked, shown) in [(json!(120), 120), (Value::Null, 600)] {
        let job = submit(asked).await.expect(201).json();
        assert_eq!(job["deadline_s"], shown);
    }
    for refused in [59, 91 * 24 * 3600] {
        submit(json!(refused)).await.refused(400, "invalid");
    }
}
