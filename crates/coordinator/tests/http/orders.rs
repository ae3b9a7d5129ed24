//! Orders to a runner, and what one hears that was signed out.

use protocol::{job::OutcomeKind, runner::OrderKind};
use serde_json::json;

use crate::{runner::FakeRunner, support::TestServer};

const TEAM: &str = "/api/v1/workspaces/team";

#[tokio::test]
async fn a_running_job_is_cancelled_by_an_order() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let new = json!({"title": "Long", "instructions": "wait 1h", "ready": true});
    let job = owner
        .post(&format!("{TEAM}/jobs"), new)
        .await
        .expect(201)
        .json();
    let mut runner = FakeRunner::register(&server, "box").await;
    runner.take().await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let asked = owner
        .post(&format!("{path}/cancel"), json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(asked["state"], "in_progress");
    assert!(asked["cancel_requested_at"].is_number());
    let orders = runner.sync(0).await.orders;
    assert!(
        matches!(&orders[0].order, OrderKind::Cancel { by, .. } if by == "ada"),
        "{orders:?}"
    );
    runner.end(OutcomeKind::Cancelled).await;
    assert_eq!(owner.get(&path).await.json()["state"], "cancelled");
}

#[tokio::test]
async fn a_removed_runner_is_told_so_and_not_mistaken_for_a_person() {
    let server = TestServer::start().await;
    let mut runner = FakeRunner::register(&server, "box").await;
    runner.sync(0).await;
    runner
        .client()
        .get("/api/v1/me")
        .await
        .refused(403, "forbidden");
    runner
        .client()
        .post("/api/runner/v1/sign-out", json!({}))
        .await;
    let sync = json!({});
    runner
        .client()
        .post("/api/runner/v1/sync", sync)
        .await
        .refused(410, "runner_removed");
}
