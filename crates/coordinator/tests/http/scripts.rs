//! Tokens for scripts: what they reach and what they do not.

use serde_json::{Value, json};

use crate::support::{Client, TestServer};

async fn make(person: &Client, body: Value) -> Value {
    let made = person.post("/api/v1/account/tokens", body).await;
    made.expect(201).json()
}

fn token(scopes: &[&str]) -> Value {
    json!({"name": "nightly", "scopes": scopes, "expires_in_days": 7})
}

fn script(person: &Client, made: &Value) -> Client {
    person.with_token(made["token"].as_str().unwrap())
}

fn job() -> Value {
    json!({"title": "t", "instructions": "say hello"})
}

#[tokio::test]
async fn a_token_is_good_for_its_scopes_only() {
    let server = TestServer::start().await;
    let ada = server.owner().await;
    let made = make(&ada, token(&["read"])).await;
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("cot_"), "{secret}");
    assert!(secret.starts_with(made["view"]["prefix"].as_str().unwrap()));
    let reader = script(&ada, &made);
    let me = reader.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["workspaces"][0]["slug"], "team");
    let jobs = "/api/v1/workspaces/team/jobs";
    reader.get(jobs).await.expect(200);
    reader.post(jobs, job()).await.refused(403, "forbidden");
    let submitter = script(&ada, &make(&ada, token(&["jobs"])).await);
    submitter.get(jobs).await.refused(403, "forbidden");
    submitter.post(jobs, job()).await.expect(201);
    let all = token(&["read", "jobs", "runners", "members"]);
    let all = script(&ada, &make(&ada, all).await);
    for path in ["/api/v1/account/tokens", "/api/v1/account/sessions"] {
        all.get(path).await.refused(403, "forbidden");
    }
    all.post("/api/v1/account/tokens", token(&["read"]))
        .await
        .refused(403, "forbidden");
    let password = json!({"current": "x", "new": "another horse battery"});
    all.put_json("/api/v1/account/password", password)
        .await
        .refused(403, "forbidden");
}

#[tokio::test]
async fn a_token_can_be_held_to_one_workspace() {
    let server = TestServer::start().await;
    let ada = server.owner().await;
    let me = ada.get("/api/v1/me").await.json();
    let mut body = token(&["read", "jobs"]);
    body["workspace_id"] = me["workspaces"][0]["id"].clone();
    let held = script(&ada, &make(&ada, body.clone()).await);
    held.get("/api/v1/workspaces/team").await.expect(200);
    let other = server.add_workspace("lab").await;
    ada.get("/api/v1/workspaces/lab").await.expect(200);
    held.get("/api/v1/workspaces/lab")
        .await
        .refused(404, "not_found");
    let job = ada
        .post("/api/v1/workspaces/lab/jobs", job())
        .await
        .expect(201)
        .json();
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    held.get(&path).await.refused(404, "not_found");
    held.post(&format!("{path}/cancel"), json!({}))
        .await
        .refused(404, "not_found");
    let seen = held.get("/api/v1/me").await.expect(200).json();
    assert_eq!(seen["workspaces"].as_array().unwrap().len(), 1);
    body["workspace_id"] = json!("018f0000-0000-7000-8000-00000000dead");
    ada.post("/api/v1/account/tokens", body)
        .await
        .refused(404, "not_found");
    assert_ne!(other, me["workspaces"][0]["id"].as_str().unwrap());
}

#[tokio::test]
async fn a_token_ends_by_itself_or_when_it_is_revoked() {
    let server = TestServer::start().await;
    let ada = server.owner().await;
    let (first, second) = (
        make(&ada, token(&["read"])).await,
        make(&ada, token(&["read"])).await,
    );
    let list = ada.get("/api/v1/account/tokens").await.expect(200).json();
    assert_eq!(list["tokens"].as_array().unwrap().len(), 2);
    assert!(
        !list.to_string().contains(first["token"].as_str().unwrap()),
        "the secret is shown once"
    );
    let path = format!(
        "/api/v1/account/tokens/{}",
        first["view"]["id"].as_str().unwrap()
    );
    script(&ada, &first).get("/api/v1/me").await.expect(200);
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.refused(404, "not_found");
    let revoked = script(&ada, &first);
    revoked
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
    script(&ada, &second).get("/api/v1/me").await.expect(200);
    server.clock.advance_s(7 * 24 * 60 * 60);
    script(&ada, &second)
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
}

#[tokio::test]
async fn a_token_needs_a_name_a_scope_and_a_sensible_life() {
    let server = TestServer::start().await;
    let ada = server.owner().await;
    for (key, value) in [
        ("name", json!(" ")),
        ("scopes", json!([])),
        ("scopes", json!(["everything"])),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(367)),
    ] {
        let mut body = token(&["read"]);
        body[key] = value;
        ada.post("/api/v1/account/tokens", body)
            .await
            .refused(400, "invalid");
    }
}
