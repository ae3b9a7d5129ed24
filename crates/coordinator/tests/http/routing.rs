//! Where jobs may go: changing them before somebody works on them, teams, limits, holds.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    runner::FakeRunner,
    support::{Client, TestServer, send},
    syncer::{Syncer, attempt_path, ended, state_of, submit},
};

const JOBS: &str = "/api/v1/workspaces/team/jobs";

fn path(job: &Value, rest: &str) -> String {
    format!("/api/v1/jobs/{}{rest}", job["id"].as_str().unwrap())
}

async fn look(owner: &Client, job: &Value) -> Value {
    owner.get(&path(job, "")).await.expect(200).json()
}

async fn backlog_job(owner: &Client) -> Value {
    let new = json!({"title": "Later", "instructions": "say hello"});
    owner.post(JOBS, new).await.expect(201).json()
}

#[tokio::test]
async fn a_job_is_changed_until_somebody_works_on_it() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = backlog_job(&owner).await;
    let change = |body: Value| {
        let request = owner.request(Method::PATCH, &path(&job, "")).json(&body);
        send(request)
    };
    let changed = change(json!({"title": " Sooner ", "priority": "urgent", "agent": "demo"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["title"], &changed["priority"], &changed["agent"]),
        (&json!("Sooner"), &json!("urgent"), &json!("demo"))
    );
    assert_eq!(
        changed["instructions"], "say hello",
        "what is left out stays"
    );
    let any = change(json!({"any_agent": true})).await.expect(200).json();
    assert_eq!(any["agent"], Value::Null);
    change(json!({"title": "two\nlines"}))
        .await
        .refused(400, "invalid");
    let nobody = json!({"target": {"kind": "runner", "runner_id": uuid::Uuid::now_v7()}});
    change(nobody).await.refused(404, "not_found");
    owner
        .post(&path(&job, "/ready"), json!({}))
        .await
        .expect(200);
    let late = change(json!({"instructions": "say bye"}))
        .await
        .refused(409, "conflict");
    assert!(
        late.json()["hint"].as_str().unwrap().contains("Backlog"),
        "{late:?}"
    );
    change(json!({"target": {"kind": "any"}})).await.expect(200);
    let aside = owner.post(&path(&job, "/backlog"), json!({})).await;
    assert_eq!(aside.expect(200).json()["state"], "backlog");
    change(json!({"instructions": "say bye"})).await.expect(200);
    owner
        .post(&path(&job, "/ready"), json!({}))
        .await
        .expect(200);
    let mut syncer = Syncer::here(&server, "box").await;
    let taken = syncer.take(2).await;
    assert_eq!(taken.instructions, "say bye");
    change(json!({"priority": "low"}))
        .await
        .refused(409, "conflict");
    owner
        .post(&path(&job, "/backlog"), json!({}))
        .await
        .refused(409, "conflict");
}

#[tokio::test]
async fn a_more_urgent_job_goes_first() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    submit(&owner, "First").await;
    let urgent = json!({
        "title": "Urgent", "instructions": "say hello", "ready": true, "priority": "urgent",
    });
    owner.post(JOBS, urgent).await.expect(201);
    let mut syncer = Syncer::here(&server, "box").await;
    assert_eq!(syncer.take(2).await.title, "Urgent");
}

#[tokio::test]
async fn the_page_of_a_job_says_who_can_take_it_and_why_others_cannot() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let new = json!({
        "title": "Wish", "instructions": "say hello", "ready": true, "agent": "absent",
    });
    let wish = owner.post(JOBS, new).await.expect(201).json();
    assert_eq!(wish["hold"]["reason"], "no_runner");
    let _here = Syncer::here(&server, "box").await;
    let runners = owner.get(&path(&wish, "/runners")).await.expect(200).json();
    assert_eq!(runners["can_take"], json!([]));
    assert_eq!(
        runners["cannot_take"][0]["refusal"],
        json!({"because": "agent_unavailable", "agent": "absent"})
    );
    let preview = "/api/v1/workspaces/team/target-preview";
    let ask = |body: Value| owner.post(preview, body);
    let mine = ask(json!({"target": {"kind": "my"}})).await.expect(200);
    assert_eq!(mine.json()["can_take"][0]["name"], "box");
    let team = ask(json!({"target": {"kind": "team"}, "team": []})).await;
    assert_eq!(
        team.expect(200).json()["cannot_take"][0]["refusal"],
        json!({"because": "not_shared"})
    );
}

#[tokio::test]
async fn whoever_submits_a_job_leads_it_and_only_members_join() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let job = backlog_job(&owner).await;
    let me = &job["created_by"]["id"];
    assert_eq!(
        job["team"],
        json!([{"person": job["created_by"], "role": "lead"}])
    );
    assert_eq!(job["rights"]["change_team"], true);
    let put = |account: &Value| {
        let rest = format!("/team/{}", account.as_str().unwrap());
        let request = owner.request(Method::PUT, &path(&job, &rest));
        send(request.json(&json!({"role": "editor"})))
    };
    put(me).await.refused(409, "conflict");
    let stranger = json!(uuid::Uuid::now_v7());
    put(&stranger).await.refused(404, "not_found");
    let with_stranger = json!({
        "title": "x", "instructions": "y", "team": [{"account_id": stranger, "role": "lead"}],
    });
    owner
        .post(JOBS, with_stranger)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn limits_hold_jobs_back_and_lift_by_themselves() {
    let server = TestServer::start_with(
        "[plans]\ndefault = \"small\"\n[plans.small]\nrunners = 2\nconcurrent_jobs = 1\nmonthly_jobs = 3\n",
    )
    .await;
    let owner = server.owner().await;
    let first = submit(&owner, "First").await;
    let second = submit(&owner, "Second").await;
    submit(&owner, "Third").await;
    let fourth = submit(&owner, "Fourth").await;
    let mut busy = Syncer::here(&server, "busy").await;
    let idle = Syncer::here(&server, "idle").await;
    let at = busy.take(2).await;
    assert_eq!(json!(at.job_id), first["id"]);
    // One is under way, so the other runner gets nothing, and everybody is told why.
    assert!(idle.sync(2, 300).await.assignments.is_empty());
    let held = look(&owner, &second).await;
    assert_eq!(
        held["hold"],
        json!({"reason": "concurrent_jobs", "limit": 1})
    );
    let beyond = look(&owner, &fourth).await;
    assert_eq!(beyond["hold"]["reason"], "monthly_quota");
    let plan = owner.get("/api/v1/account/plan").await.expect(200).json();
    assert_eq!(plan["plan"], "small");
    assert_eq!(plan["runners"], json!({"used": 2, "limit": 2}));
    assert_eq!(plan["concurrent_jobs"], json!({"used": 1, "limit": 1}));
    assert_eq!(plan["monthly_jobs"], json!({"used": 4, "limit": 3}));
    assert_eq!(plan["storage_bytes"], json!({"used": 0}));
    assert_eq!(plan["month_ends_at"], beyond["hold"]["until"]);
    let waiting = crate::syncer::parked(&server, &idle, 3).await;
    let end = json!({"fence": at.fence, "entries": [ended(1, "succeeded", 0)]});
    let events = attempt_path(at.attempt_id, "events");
    busy.client.post(&events, end).await.expect(200);
    let next = crate::syncer::read(&crate::syncer::answer_of(waiting).await);
    assert_eq!(json!(next.assignments[0].job_id), second["id"]);
    assert_eq!(state_of(&owner, &first).await, "done");
}

#[tokio::test]
async fn an_account_registers_as_many_runners_as_its_plan_allows() {
    let server =
        TestServer::start_with("[plans]\ndefault = \"one\"\n[plans.one]\nrunners = 1\n").await;
    let first = Syncer::here(&server, "first").await;
    let refused = FakeRunner::ask(&server, "second").await;
    let refused = refused.refused(403, "limit_reached");
    assert!(
        refused.json()["hint"].as_str().unwrap().contains("Remove"),
        "{refused:?}"
    );
    assert!(first.sync(2, 0).await.assignments.is_empty());
}
