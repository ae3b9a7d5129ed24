//! Logs that moved into the object store read as before: on both databases.

use protocol::{job::OutcomeKind, record::LogKind};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::{
    runner::FakeRunner,
    support::{Answer, Client, TestServer, soon},
    syncer::{database, submit},
};

/// The database behind a server, whichever it is.
struct Behind {
    url: String,
}

impl Behind {
    fn embedded(server: &TestServer) -> Self {
        let file = server.data.path().join("coord.db");
        Self {
            url: format!("sqlite://{}", file.display()),
        }
    }

    async fn count(&self, text: &'static str) -> i64 {
        let count = if self.url.starts_with("sqlite") {
            let mut database = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(text).fetch_one(&mut database).await
        } else {
            let mut database = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(text).fetch_one(&mut database).await
        };
        count.unwrap()
    }

    /// Waits until the log has moved, and nothing of it is left here.
    async fn until_sealed(&self) {
        soon("the sealing of the log", async {
            while self.count("SELECT COUNT(*) FROM log_entries").await > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// Everything that is read of a log, from its ends and its middle.
async fn readings(owner: &Client, log: &str, last: u64) -> Vec<String> {
    let mut read = Vec::new();
    for (after, limit) in [
        (0, 3),
        (0, 1000),
        (last / 2, 1000),
        (last / 2 + 7, 1),
        (last - 1, 1000),
        (last, 1000),
    ] {
        let path = format!("{log}?after={after}&limit={limit}");
        let page = owner.get(&path).await.expect(200).json();
        assert_eq!(page["last"], last, "{path}");
        let first = page["entries"][0]["n"].as_u64();
        assert_eq!(first, (after < last).then_some(after + 1), "{path}");
        read.push(page["entries"].to_string());
    }
    for (words, after) in [("LINE 1", 0), ("line 1", last / 2), ("in no line", 0)] {
        let path = format!("{log}/search?words={words}&after={after}");
        let found = owner.get(&path).await.expect(200).json();
        read.push(format!("{} {}", found["matches"], found["reached"]));
    }
    read.push(owner.get(&format!("{log}.txt")).await.expect(200).text);
    read
}

async fn begin(server: &TestServer, owner: &Client) -> (FakeRunner, String) {
    let job = submit(owner, "flood").await;
    let mut runner = FakeRunner::register(server, "box").await;
    runner.take().await;
    let job = job["id"].as_str().unwrap();
    (runner, format!("/api/v1/jobs/{job}/attempts/1/log"))
}

async fn a_sealed_log_reads_as_before(server: &TestServer, behind: &Behind) {
    let owner = server.owner().await;
    let (mut runner, log) = begin(server, &owner).await;
    for upload in 0..4 {
        let lines = (0..700).map(|n| format!("line {n} of {upload} \u{1f600}"));
        runner.say_all(LogKind::Text, lines).await;
    }
    let before = readings(&owner, &log, 2800).await;
    runner.end(OutcomeKind::Succeeded).await;
    behind.until_sealed().await;
    let checks = "SELECT COUNT(*) FROM attempts WHERE log_check = 'matches'";
    assert_eq!(behind.count(checks).await, 1);
    assert_eq!(readings(&owner, &log, 2800).await, before);
    let empty = owner.get(&format!("{log}/search?words=")).await;
    empty.refused(400, "invalid");
}

#[tokio::test]
async fn a_sealed_log_reads_as_before_on_the_embedded_database() {
    let server = TestServer::start().await;
    a_sealed_log_reads_as_before(&server, &Behind::embedded(&server)).await;
}

#[tokio::test]
async fn a_sealed_log_reads_as_before_on_postgresql() {
    let postgres = tokio::task::spawn_blocking(testkit::postgres::Postgres::start)
        .await
        .unwrap()
        .unwrap();
    let url = postgres.database().unwrap();
    let mut server = TestServer::start_on_database(&url).await;
    a_sealed_log_reads_as_before(&server, &Behind { url }).await;
    server.stop().await;
}

#[tokio::test]
async fn rows_stay_until_their_object_has_been_read_back() {
    let server = TestServer::start().await;
    let behind = Behind::embedded(&server);
    let owner = server.owner().await;
    let (mut runner, log) = begin(&server, &owner).await;
    runner.say(LogKind::Text, "hello").await;
    // Nothing can be written where this file stands.
    let logs = server.data.path().join("objects/logs");
    std::fs::write(&logs, "in the way").unwrap();
    runner.end(OutcomeKind::Succeeded).await;
    let failing = "coord_reconciler_failing_rows{reconciler=\"sealing\"} 1";
    until_metrics_say(&owner, failing).await;
    assert_eq!(behind.count("SELECT COUNT(*) FROM log_entries").await, 1);
    let page = owner.get(&log).await.expect(200).json();
    assert_eq!(page["entries"][0]["text"], "hello");
    std::fs::remove_file(&logs).unwrap();
    behind.until_sealed().await;
    let page = owner.get(&log).await.expect(200).json();
    assert_eq!(page["entries"][0]["text"], "hello");
}

async fn until_metrics_say(client: &Client, line: &str) {
    soon(line, async {
        while !metrics(client).await.text.contains(line) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn metrics(client: &Client) -> Answer {
    client.get("/metrics").await.expect(200)
}

#[tokio::test]
async fn a_damaged_object_is_an_error_and_never_another_log() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let (mut runner, log) = begin(&server, &owner).await;
    runner.say(LogKind::Text, "hello").await;
    runner.end(OutcomeKind::Succeeded).await;
    Behind::embedded(&server).until_sealed().await;
    let folder = server.data.path().join("objects/logs");
    let attempt = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    let object = attempt.path().join("1-1.zst");
    let mut bytes = std::fs::read(&object).unwrap();
    bytes[20] ^= 4;
    std::fs::write(&object, bytes).unwrap();
    owner.get(&log).await.refused(500, "internal");
    std::fs::remove_file(&object).unwrap();
    owner.get(&log).await.refused(500, "internal");
}

/// The most memory that this process has had since it was last asked to forget it.
#[cfg(target_os = "linux")]
fn memory_peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1);
    number.unwrap().parse().unwrap()
}

/// Its rows are written straight into the database: that uploads work is shown elsewhere.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_lines_are_nothing_special() {
    const LINES: u64 = 1_000_000;
    let server = TestServer::start().await;
    let behind = Behind::embedded(&server);
    let owner = server.owner().await;
    let (mut runner, log) = begin(&server, &owner).await;
    runner.end(OutcomeKind::Succeeded).await;
    let mut database = database(&server).await;
    sqlx::query(
        "INSERT INTO log_entries (attempt_id, n, body, late)
         WITH RECURSIVE lines (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM lines WHERE n < 1000000)
         SELECT (SELECT id FROM attempts), n,
                '{\"n\":' || n || ',\"at\":1,\"kind\":\"text\",\"text\":\"line ' || n
                || ' of one that is as long as lines of programs often are\"}', FALSE
         FROM lines",
    )
    .execute(&mut database)
    .await
    .unwrap();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before_kb = memory_peak_kb();
    sqlx::query("UPDATE attempts SET log_last = 1000000")
        .execute(&mut database)
        .await
        .unwrap();
    drop(database);
    let limit = std::time::Duration::from_secs(800);
    let sealed = async {
        while behind
            .count("SELECT COUNT(*) FROM sealed_logs WHERE NOT rows_left")
            .await
            == 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(limit, sealed).await.unwrap();
    for after in [0, LINES / 2, LINES - 2] {
        let path = format!("{log}?after={after}&limit=2");
        let page = owner.get(&path).await.expect(200).json();
        let numbers: Vec<&Value> = [0, 1].map(|at| &page["entries"][at]["n"]).into();
        assert_eq!(numbers, [&json!(after + 1), &json!(after + 2)]);
        assert_eq!(page["last"], LINES);
    }
    let path = format!("{log}/search?words=line 999999 of&after={}", LINES - 40_000);
    let found = owner.get(&path).await.expect(200).json();
    assert_eq!(found["matches"][0]["n"], 999_999);
    let grown_kb = memory_peak_kb().saturating_sub(before_kb);
    assert!(
        grown_kb < 64 * 1024,
        "{grown_kb} kB more for a log of 100 MB"
    );
}
