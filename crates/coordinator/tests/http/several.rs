//! Several coordinators of one database, in whatever way requests reach them.

use protocol::{
    ids::ApprovalId,
    job::OutcomeKind,
    record::{Event, LogKind},
    runner::OrderKind,
};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use testkit::postgres::Postgres;

use crate::{
    live::Stream,
    runner::FakeRunner,
    support::{Client, TestServer, owner, soon},
    syncer::{LONG_MS, Syncer, answer_of, attempt_path, read, state_of, submit},
};

/// Two coordinators of one database, with the owner signed in at both.
struct Pair {
    one: TestServer,
    other: TestServer,
    at_one: Client,
    at_other: Client,
    url: String,
    _objects: tempfile::TempDir,
    /// The last to go.
    postgres: Postgres,
}

impl Pair {
    async fn start() -> Self {
        let postgres = tokio::task::spawn_blocking(Postgres::start)
            .await
            .unwrap()
            .unwrap();
        let url = postgres.database().unwrap();
        let data = tempfile::tempdir().unwrap();
        let mut first = owner(data.path());
        first.database = Some(url.clone());
        coordinator::bootstrap(first).await.unwrap();
        let objects = tempfile::tempdir().unwrap();
        let one = TestServer::start_beside(&url, objects.path()).await;
        let other = TestServer::start_beside(&url, objects.path()).await;
        let at_one = one.owner().await;
        // The same browser: the session is the database's.
        let at_other = at_one.at(&other.url);
        Self {
            one,
            other,
            at_one,
            at_other,
            url,
            _objects: objects,
            postgres,
        }
    }

    async fn stop(mut self) {
        self.one.stop().await;
        self.other.stop().await;
    }

    /// A number of all coordinators of this process together.
    async fn counted(&self, metric: &str) -> f64 {
        let text = self.at_one.get("/metrics").await.expect(200).text;
        let line = text.lines().find(|line| line.starts_with(metric));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
            .unwrap_or_default()
    }
}

/// The same device at another coordinator.
fn moved(client: &Client, to: &TestServer) -> Client {
    client.at(&to.url)
}

/// Sends a sync that is held open, and comes back once it is in the database.
async fn parked(
    pair: &Pair,
    syncer: &Syncer,
    seq: u64,
) -> tokio::task::JoinSet<crate::support::Answer> {
    let (client, request) = (syncer.client.clone(), syncer.request(seq, LONG_MS));
    let mut waiting = tokio::task::JoinSet::new();
    waiting.spawn(async move { crate::syncer::post_sync(&client, &request).await });
    let mut database = PgConnection::connect(&pair.url).await.unwrap();
    let boot = syncer.boot_id.to_string();
    soon("the sync's arrival", async {
        loop {
            let arrived: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM runners WHERE boot_id = $1 AND seq = $2")
                    .bind(&boot)
                    .bind(i64::try_from(seq).unwrap())
                    .fetch_one(&mut database)
                    .await
                    .unwrap();
            if arrived == 1 {
                return;
            }
        }
    })
    .await;
    waiting
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_stops_while_its_database_stands_still() {
    let mut pair = Pair::start().await;
    pair.postgres.suspend();
    // Somebody waits for an answer that does not come.
    let mut asking = tokio::task::JoinSet::new();
    let client = pair.at_one.at(&pair.one.url);
    asking.spawn(async move { client.get("/api/v1/account").await });
    soon("the coordinator's end", pair.one.stop()).await;
    asking.abort_all();
    pair.postgres.resume();
    pair.at_other.get("/api/v1/account").await.expect(200);
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_answers_and_cancels_reach_a_runner_at_another_coordinator() {
    let pair = Pair::start().await;
    let mut syncer = Syncer::here(&pair.one, "box").await;
    let waiting = parked(&pair, &syncer, 2).await;
    let job = submit(&pair.at_other, "from afar").await;
    let answer = read(&answer_of(waiting).await);
    let assignment = answer.assignments[0].clone();
    assert_eq!(json!(assignment.job_id), job["id"]);
    syncer.holds(&assignment);
    // The next sync goes wherever the balancer sends it.
    syncer.client = moved(&syncer.client, &pair.other);
    assert_eq!(syncer.sync(3, 0).await.leases.len(), 1);
    assert_eq!(state_of(&pair.at_one, &job).await, "in_progress");

    let approval = crate::record::approval();
    let asked = Event::ApprovalRequested {
        approval: approval.clone(),
    };
    let entries = json!([{"n": 1, "at": 1, "event": asked}]);
    syncer
        .upload(&assignment, "events", entries)
        .await
        .expect(200);
    let waiting = parked(&pair, &syncer, 4).await;
    answer_approval(&pair.at_one, approval.id, &approval.digest).await;
    let orders = read(&answer_of(waiting).await).orders;
    let answers = matches!(&orders[0].order, OrderKind::AnswerApproval { approval_id, .. } if *approval_id == approval.id);
    assert!(answers, "{orders:?}");
    syncer.orders_kept = orders.iter().map(|order| order.id).collect();

    let waiting = parked(&pair, &syncer, 5).await;
    let path = format!("/api/v1/jobs/{}/cancel", job["id"].as_str().unwrap());
    pair.at_one.post(&path, json!({})).await.expect(200);
    let orders = read(&answer_of(waiting).await).orders;
    let cancels = orders
        .iter()
        .any(|order| matches!(order.order, OrderKind::Cancel { .. }));
    assert!(cancels, "{orders:?}");
    let heard = pair
        .counted("coord_notices_total{direction=\"heard\"}")
        .await;
    assert!(heard > 0.0, "it was heard, not only found by looking");
    pair.stop().await;
}

async fn answer_approval(owner: &Client, id: ApprovalId, digest: &str) {
    let path = format!("/api/v1/approvals/{id}/answer");
    let answer = json!({"decision": "allow_once", "digest": digest});
    owner.post(&path, answer).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_hear_of_what_happens_at_another_coordinator() {
    let pair = Pair::start().await;
    let mut stream = Stream::open(&pair.at_other, false).await;
    stream.until("id: 0\n").await;
    let mut runner = FakeRunner::register(&pair.one, "box").await;
    let job = submit(&pair.at_one, "seen from afar").await;
    stream.until(&format!("\"job_id\":{}", job["id"])).await;
    runner.take().await;
    runner.say(LogKind::Text, "hello").await;
    stream.until("\"what\":\"log\"").await;
    let log = format!(
        "/api/v1/jobs/{}/attempts/1/log",
        job["id"].as_str().unwrap()
    );
    let page = pair.at_other.get(&log).await.expect(200).json();
    assert_eq!(page["entries"][0]["text"], "hello");
    runner.hand_back("out.txt", "made here").await;
    runner.end(OutcomeKind::Succeeded).await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let seen: Value = pair.at_other.get(&path).await.expect(200).json();
    let artifact = seen["artifacts"][0]["id"].as_str().unwrap();
    let content = format!("/api/v1/artifacts/{artifact}/content");
    assert_eq!(
        pair.at_other.get(&content).await.expect(200).text,
        "made here"
    );
    drop(stream);
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_connection_is_noticed_and_made_anew() {
    let pair = Pair::start().await;
    let mut stream = Stream::open(&pair.at_other, false).await;
    stream.until("id: 0\n").await;
    let mut database = PgConnection::connect(&pair.url).await.unwrap();
    let listening = "SELECT COUNT(*) FROM pg_stat_activity
                     WHERE query LIKE 'LISTEN%' AND datname = current_database()";
    let until_both_listen = async |database: &mut PgConnection| {
        soon("both coordinators' listening", async {
            loop {
                let count: i64 = sqlx::query_scalar(listening)
                    .fetch_one(&mut *database)
                    .await
                    .unwrap();
                if count == 2 {
                    return;
                }
            }
        })
        .await;
    };
    until_both_listen(&mut database).await;
    let breaks = pair.counted("coord_notice_breaks_total").await;
    let killed: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert_eq!(killed, [true, true]);
    soon("the breaks' counting", async {
        while pair.counted("coord_notice_breaks_total").await < breaks + 2.0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    until_both_listen(&mut database).await;
    // What was missed meanwhile is made good for pages by fetching everything.
    stream.until("\"what\":\"everything\"").await;
    let job = submit(&pair.at_one, "heard again").await;
    stream.until(&format!("\"job_id\":{}", job["id"])).await;
    drop(stream);
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_goes_leaves_its_runners_to_the_other() {
    let mut pair = Pair::start().await;
    let mut runner = Syncer::here(&pair.one, "box").await;
    let job = submit(&pair.at_other, "survives").await;
    let assignment = runner.take(2).await;
    let waiting = parked(&pair, &runner, 4).await;
    pair.one.stop().await;
    drop(waiting);
    runner.client = moved(&runner.client, &pair.other);
    assert_eq!(runner.sync(5, 0).await.leases.len(), 1);
    let entries = json!([{"n": 1, "at": 1, "kind": "text", "text": "still here"}]);
    runner.upload(&assignment, "log", entries).await.expect(200);
    let path = attempt_path(assignment.attempt_id, "events");
    let body =
        json!({"fence": assignment.fence, "entries": [crate::syncer::ended(1, "succeeded", 1)]});
    runner.client.post(&path, body).await.expect(200);
    assert_eq!(state_of(&pair.at_other, &job).await, "done");
    pair.other.stop().await;
}
