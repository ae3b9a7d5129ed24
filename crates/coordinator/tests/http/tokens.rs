//! Tokens of devices: renewed, lost on the way, used twice, ended.

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer};

/// Signs a device of the owner in.
pub(crate) async fn sign_in_device(server: &TestServer, client_id: &str) -> Value {
    sign_in_device_as(server, &server.owner().await, client_id).await
}

/// Signs a device of this person in.
pub(crate) async fn sign_in_device_as(
    server: &TestServer,
    browser: &Client,
    client_id: &str,
) -> Value {
    let device = server.client();
    let fields = [("client_id", client_id), ("machine", "m"), ("system", "s")];
    let codes = device
        .form("/api/oauth/device_authorization", &fields)
        .await
        .expect(200)
        .json();
    let page = format!("/api/v1/device/{}", codes["user_code"].as_str().unwrap());
    browser
        .post(&page, json!({"decision": "confirm"}))
        .await
        .expect(204);
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", codes["device_code"].as_str().unwrap()),
        ("client_id", client_id),
    ];
    device
        .form("/api/oauth/token", &fields)
        .await
        .expect(200)
        .json()
}

async fn refresh(client: &Client, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    client.form("/api/oauth/token", &fields).await
}

async fn me(client: &Client, tokens: &Value) -> Answer {
    client
        .with_token(tokens["access_token"].as_str().unwrap())
        .get("/api/v1/me")
        .await
}

#[tokio::test]
async fn a_lost_answer_costs_nothing() {
    let server = TestServer::start().await;
    let (client, first) = (server.client(), sign_in_device(&server, "coord-cli").await);
    let lost = refresh(&client, &first).await.expect(200).json();
    let second = refresh(&client, &first).await.expect(200).json();
    me(&client, &lost).await.refused(401, "not_signed_in");
    me(&client, &second).await.expect(200);
    let third = refresh(&client, &second).await.expect(200).json();
    me(&client, &third).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_used_after_its_successor_signs_the_device_out() {
    let server = TestServer::start().await;
    let (client, first) = (server.client(), sign_in_device(&server, "coord-cli").await);
    let second = refresh(&client, &first).await.expect(200).json();
    me(&client, &second).await.expect(200);
    let reused = refresh(&client, &first).await.expect(400).json();
    assert_eq!(reused["error"], "invalid_grant");
    me(&client, &second).await.refused(401, "not_signed_in");
    refresh(&client, &second).await.expect(400);
}

#[tokio::test]
async fn a_stolen_refresh_token_does_not_outlive_its_owner() {
    let server = TestServer::start().await;
    let (client, first) = (server.client(), sign_in_device(&server, "coord-cli").await);
    let owners = refresh(&client, &first).await.expect(200).json();
    let thiefs = refresh(&client, &first).await.expect(200).json();
    me(&client, &thiefs).await.expect(200);
    refresh(&client, &owners).await.expect(400);
    me(&client, &thiefs).await.refused(401, "not_signed_in");
    refresh(&client, &thiefs).await.expect(400);
}

#[tokio::test]
async fn an_access_token_ends_and_a_silent_device_too() {
    let server = TestServer::start_with("[sign_in]\nrefresh_token_idle_s = 86400\n").await;
    let (client, first) = (server.client(), sign_in_device(&server, "coord-cli").await);
    assert_eq!(first["expires_in"], 3600);
    me(&client, &first).await.expect(200);
    server.clock.advance_s(3601);
    me(&client, &first).await.refused(401, "not_signed_in");
    let second = refresh(&client, &first).await.expect(200).json();
    me(&client, &second).await.expect(200);
    server.clock.advance_s(86401);
    let ended = refresh(&client, &second).await.expect(400).json();
    assert_eq!(ended["error"], "invalid_grant");
}

#[tokio::test]
async fn a_runners_token_is_not_a_persons() {
    let server = TestServer::start().await;
    let (client, tokens) = (
        server.client(),
        sign_in_device(&server, "coord-runner").await,
    );
    me(&client, &tokens).await.refused(403, "forbidden");
    client
        .with_token("coa_made-up")
        .get("/api/v1/me")
        .await
        .refused(401, "not_signed_in");
}
