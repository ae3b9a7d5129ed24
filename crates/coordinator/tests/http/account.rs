//! Accounts: made, changed, looked after, ended.

use serde_json::{Value, json};

use crate::support::{Client, EMAIL, PASSWORD, TestServer};

const BOB: &str = "bob@example.com";
const NEW_PASSWORD: &str = "another horse battery";

/// A coordinator where anybody may sign up, and Bob, who has.
async fn with_bob() -> (TestServer, Client) {
    let server = TestServer::start_with("[sign_up]\nopen = true\n").await;
    let mut bob = server.client();
    bob.sign_up(BOB, None).await.expect(201);
    (server, bob)
}

/// What the account's log tells, oldest first.
async fn told(person: &Client) -> Vec<String> {
    let page = person.get("/api/v1/account/audit").await.expect(200).json();
    let mut told: Vec<_> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].as_str().unwrap().to_owned())
        .collect();
    told.reverse();
    told
}

#[tokio::test]
async fn signing_up_needs_an_invitation_unless_it_is_open() {
    let server = TestServer::start().await;
    let instance = server.client().get("/api/v1/instance").await.json();
    assert_eq!(instance["open_sign_up"], false);
    let mut bob = server.client();
    bob.sign_up(BOB, None).await.refused(403, "sign_up_closed");
    bob.sign_up(BOB, Some("nonsense"))
        .await
        .refused(404, "link_invalid");
    bob.sign_in(BOB, PASSWORD)
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn somebody_signs_up_and_belongs_nowhere_yet() {
    let (server, bob) = with_bob().await;
    let me = bob.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["account"]["email"], BOB);
    assert_eq!(me["workspaces"], json!([]));
    bob.get("/api/v1/workspaces/team")
        .await
        .refused(404, "not_found");
    let mut other = server.client();
    other
        .sign_up("  BOB@example.com", None)
        .await
        .refused(409, "email_taken");
    let sign_up = |email: &str, name: &str, password: &str| {
        let body = json!({"email": email, "name": name, "password": password});
        other.post("/api/v1/auth/sign-up", body)
    };
    sign_up("eve", "Eve", PASSWORD)
        .await
        .refused(400, "invalid");
    sign_up("eve@example.com", " ", PASSWORD)
        .await
        .refused(400, "invalid");
    sign_up("eve@example.com", "Eve", "short")
        .await
        .refused(400, "invalid");
    assert_eq!(told(&bob).await, ["account.made", "account.signed_in"]);
}

#[tokio::test]
async fn many_sign_ups_from_one_address_have_to_wait() {
    let (server, _) = with_bob().await;
    let mut client = server.client();
    for _ in 0..19 {
        client.sign_up(BOB, None).await.refused(409, "email_taken");
    }
    let limited = client.sign_up(BOB, None).await;
    limited.refused(429, "rate_limited");
}

#[tokio::test]
async fn a_new_password_signs_the_other_browsers_out() {
    let (server, bob) = with_bob().await;
    let mut elsewhere = server.client();
    elsewhere.sign_in(BOB, PASSWORD).await.expect(200);
    let change = |current: Option<&str>, new: &str| {
        let body = json!({"current": current, "new": new});
        let bob = bob.clone();
        async move { bob.put_json("/api/v1/account/password", body).await }
    };
    change(None, NEW_PASSWORD)
        .await
        .refused(403, "confirmation_required");
    change(Some("wrong password"), NEW_PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    change(Some(PASSWORD), "short")
        .await
        .refused(400, "invalid");
    elsewhere.get("/api/v1/me").await.expect(200);
    change(Some(PASSWORD), NEW_PASSWORD).await.expect(204);
    bob.get("/api/v1/me").await.expect(200);
    elsewhere
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
    elsewhere
        .sign_in(BOB, PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    elsewhere.sign_in(BOB, NEW_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn browsers_are_listed_and_signed_out_one_by_one() {
    let (server, bob) = with_bob().await;
    let ada = server.owner().await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut other = server.client();
        other.sign_in(BOB, PASSWORD).await.expect(200);
        others.push(other);
    }
    let sessions = |of: Client| async move {
        let list = of.get("/api/v1/account/sessions").await.expect(200).json();
        list["sessions"].as_array().unwrap().clone()
    };
    let list = sessions(bob.clone()).await;
    assert_eq!(list.len(), 3);
    let current: Vec<_> = list.iter().filter(|row| row["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["address"], "127.0.0.1");
    let own = sessions(others[0].clone()).await;
    let id = |row: &Value| format!("/api/v1/account/sessions/{}", row["id"].as_str().unwrap());
    let first = own.iter().find(|row| row["current"] == true).unwrap();
    ada.delete(&id(first)).await.refused(404, "not_found");
    bob.delete(&id(first)).await.expect(204);
    bob.delete(&id(first)).await.refused(404, "not_found");
    others[0]
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
    bob.delete("/api/v1/account/sessions").await.expect(204);
    others[1]
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
    assert_eq!(sessions(bob).await.len(), 1);
    ada.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_name_is_changed() {
    let (_server, bob) = with_bob().await;
    bob.patch("/api/v1/account", json!({"name": " Robert "}))
        .await
        .expect(204);
    let me = bob.get("/api/v1/me").await.json();
    assert_eq!(me["account"]["name"], "Robert");
    bob.patch("/api/v1/account", json!({"name": "a\nb"}))
        .await
        .refused(400, "invalid");
    assert_eq!(told(&bob).await.last().unwrap(), "account.renamed");
}

#[tokio::test]
async fn an_account_ends_when_its_person_means_it() {
    let (server, bob) = with_bob().await;
    let delete = |person: &Client, email: &str, password: Option<&str>| {
        let body = json!({"email": email, "password": password});
        let person = person.clone();
        async move { person.post("/api/v1/account/delete", body).await }
    };
    delete(&bob, EMAIL, Some(PASSWORD))
        .await
        .refused(400, "invalid");
    delete(&bob, BOB, None)
        .await
        .refused(403, "confirmation_required");
    delete(&bob, BOB, Some("wrong password"))
        .await
        .refused(401, "wrong_credentials");
    let gone = delete(&bob, BOB, Some(PASSWORD)).await.expect(204);
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    bob.get("/api/v1/me").await.refused(401, "not_signed_in");
    let mut again = server.client();
    again
        .sign_in(BOB, PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    again.sign_up(BOB, None).await.expect(201);
    let ada = server.owner().await;
    delete(&ada, EMAIL, Some(PASSWORD)).await.expect(204);
}
