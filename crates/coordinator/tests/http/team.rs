//! A team from its first invitation to the end of its workspace.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, TestServer, send};

const TEAM: &str = "/api/v1/workspaces/team";

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A new account, signed in.
async fn sign_up(server: &TestServer, email: &str) -> Client {
    let mut client = server.client();
    let body = json!({"email": email, "name": "=Bob", "password": PASSWORD});
    client.post("/api/v1/auth/sign-up", body).await.expect(201);
    client.sign_in(email, PASSWORD).await.expect(200);
    client
}

async fn delete(client: &Client, path: &str) -> crate::support::Answer {
    send(client.request(Method::DELETE, path)).await
}

async fn change(
    client: &Client,
    method: Method,
    path: &str,
    body: Value,
) -> crate::support::Answer {
    send(client.request(method, path).json(&body)).await
}

async fn invite(owner: &Client, email: &str, role: &str) -> Value {
    let body = json!({"email": email, "role": role});
    owner
        .post(&format!("{TEAM}/invitations"), body)
        .await
        .expect(201)
        .json()
}

fn token_of(made: &Value) -> String {
    text(&made["url"])
        .split_once("/invite#")
        .unwrap()
        .1
        .to_owned()
}

#[tokio::test]
async fn somebody_is_invited_joins_gets_another_role_and_leaves() {
    let server = TestServer::start_with("[sign_up]\nopen = true\n").await;
    let owner = server.owner().await;
    let made = invite(&owner, "Bob@Example.com", "viewer").await;
    assert_eq!(made["mailed"], json!(false), "no mail is configured");
    assert_eq!(made["invitation"]["email"], "bob@example.com");
    let link = format!("/api/v1/invitations/{}", token_of(&made));
    let facts = server.client().get(&link).await.expect(200).json();
    assert_eq!(
        (
            &facts["workspace"]["slug"],
            &facts["role"],
            &facts["account_exists"]
        ),
        (&json!("team"), &json!("viewer"), &json!(false))
    );
    let id = text(&made["invitation"]["id"]);
    let again = owner
        .post(&format!("{TEAM}/invitations/{id}/resend"), json!({}))
        .await
        .expect(200)
        .json();
    server
        .client()
        .get(&link)
        .await
        .refused(404, "link_invalid");
    let accept = format!("/api/v1/invitations/{}/accept", token_of(&again));
    owner
        .post(&accept, json!({}))
        .await
        .refused(403, "forbidden");

    let bob = sign_up(&server, "bob@example.com").await;
    bob.get(TEAM).await.refused(404, "not_found");
    let place = bob.post(&accept, json!({})).await.expect(200).json();
    assert_eq!(place["workspace"]["role"], "viewer");
    let bobs = member_called(&owner, "bob@example.com").await;
    assert_eq!(
        (&bobs["can_change_role"], &bobs["can_remove"]),
        (&json!(true), &json!(true))
    );
    let path = format!("{TEAM}/members/{}", text(&bobs["person"]["id"]));
    change(&bob, Method::PUT, &path, json!({"role": "admin"}))
        .await
        .refused(403, "forbidden");
    change(&owner, Method::PUT, &path, json!({"role": "owner"}))
        .await
        .refused(400, "invalid");
    change(&owner, Method::PUT, &path, json!({"role": "admin"}))
        .await
        .expect(200);
    bob_reads_of_it(&bob).await;

    let transfer = json!({"account_id": bobs["person"]["id"]});
    owner
        .post(&format!("{TEAM}/transfer"), transfer)
        .await
        .expect(204);
    bob.post(&format!("{TEAM}/leave"), json!({}))
        .await
        .refused(409, "conflict");
    owner
        .post(&format!("{TEAM}/leave"), json!({}))
        .await
        .expect(204);
    owner.get(TEAM).await.refused(404, "not_found");
}

async fn member_called(owner: &Client, email: &str) -> Value {
    let members = owner
        .get(&format!("{TEAM}/members"))
        .await
        .expect(200)
        .json();
    members["members"]
        .as_array()
        .unwrap()
        .iter()
        .find(|member| member["person"]["email"] == email)
        .unwrap()
        .clone()
}

/// Bob's new role stands among his notifications, and reading takes it off.
async fn bob_reads_of_it(bob: &Client) {
    let told = bob.get("/api/v1/notifications").await.expect(200).json();
    assert_eq!(told["notifications"][0]["kind"], "membership_changed");
    assert_eq!(told["unread"], 1);
    bob.post("/api/v1/notifications/read", json!({}))
        .await
        .expect(204);
    let told = bob.get("/api/v1/notifications").await.expect(200).json();
    assert_eq!(told["unread"], 0);
}

#[tokio::test]
async fn the_log_tells_what_happened_and_is_exported() {
    let server = TestServer::start_with("[sign_up]\nopen = true\n").await;
    let owner = server.owner().await;
    let made = invite(&owner, "bob@example.com", "member").await;
    let bob = sign_up(&server, "bob@example.com").await;
    let accept = format!("/api/v1/invitations/{}/accept", token_of(&made));
    bob.post(&accept, json!({})).await.expect(200);
    change(
        &owner,
        Method::PATCH,
        TEAM,
        json!({"name": "The Team", "slug": "the-team"}),
    )
    .await
    .expect(200);
    owner.get(TEAM).await.refused(404, "not_found");
    let team = "/api/v1/workspaces/the-team";
    bob.get(&format!("{team}/audit"))
        .await
        .refused(403, "forbidden");
    let actions = async |query: &str| {
        let page = owner
            .get(&format!("{team}/audit{query}"))
            .await
            .expect(200)
            .json();
        let lines = page["entries"].as_array().unwrap().clone();
        let actions: Vec<_> = lines.iter().map(|line| text(&line["action"])).collect();
        (actions, page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(
        actions("").await.0,
        ["workspace.renamed", "member.joined", "invitation.made"]
    );
    assert_eq!(actions("?action=member").await.0, ["member.joined"]);
    let (first, next) = actions("?limit=1").await;
    assert_eq!(first, ["workspace.renamed"]);
    let (rest, _) = actions(&format!("?before={}", next.unwrap())).await;
    assert_eq!(rest, ["member.joined", "invitation.made"]);

    let csv = owner.get(&format!("{team}/audit.csv")).await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("audit.csv"));
    assert_eq!(csv.text.lines().count(), 5, "{}", csv.text);
    assert!(csv.text.contains(",'=Bob,"), "no formula: {}", csv.text);
    let lines = owner.get(&format!("{team}/audit.ndjson")).await.expect(200);
    let entries: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), 5, "both exports stand in it");
    assert_eq!(entries[0]["action"], "audit.exported");
    assert_eq!(entries[0]["actor"]["email"], "ada@example.com");
    assert_eq!(entries[0]["surface"], "web");
}

#[tokio::test]
async fn a_workspace_is_made_and_deleted_with_everything_in_it() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let make = async |body: Value| owner.post("/api/v1/workspaces", body).await;
    let made = make(json!({"name": "Side Project"}))
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["slug"], &made["role"]),
        (&json!("side-project"), &json!("owner"))
    );
    let second = make(json!({"name": "Side Project"}))
        .await
        .expect(201)
        .json();
    assert_eq!(second["slug"], "side-project-2");
    make(json!({"name": "x", "slug": "side-project"}))
        .await
        .refused(409, "conflict");
    make(json!({"name": "x", "slug": "No Slug"}))
        .await
        .refused(400, "invalid");
    make(json!({"name": " "})).await.refused(400, "invalid");

    let path = "/api/v1/workspaces/side-project";
    let job = json!({"title": "t", "instructions": "x"});
    let job = owner
        .post(&format!("{path}/jobs"), job)
        .await
        .expect(201)
        .json();
    let job = format!("/api/v1/jobs/{}", text(&job["id"]));
    owner
        .put(&format!("{job}/attachments/a.txt"), "a")
        .await
        .expect(200);
    owner
        .post(&format!("{path}/delete"), json!({"name": "Side"}))
        .await
        .refused(400, "invalid");
    owner
        .post(&format!("{path}/delete"), json!({"name": "Side Project"}))
        .await
        .expect(204);
    owner.get(path).await.refused(404, "not_found");
    owner.get(&job).await.refused(404, "not_found");
    let me = owner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["workspaces"].as_array().unwrap().len(), 2);
    make(json!({"name": "x", "slug": "side-project"}))
        .await
        .expect(201);
    delete(&owner, "/api/v1/workspaces/team/members/x")
        .await
        .refused(404, "not_found");
}
