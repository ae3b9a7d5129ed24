//! Device authorization, from the code to the tokens.

use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestServer};

const CLI: &str = "coord-cli";

/// A device that waits to be confirmed.
struct Device {
    client: Client,
    codes: Value,
}

impl Device {
    async fn new(server: &TestServer) -> Self {
        let client = server.client();
        let fields = [
            ("client_id", CLI),
            ("machine", "ada-laptop"),
            ("system", "Debian 12"),
        ];
        let codes = client
            .form("/api/oauth/device_authorization", &fields)
            .await
            .expect(200)
            .json();
        Self { client, codes }
    }

    fn user_code(&self) -> &str {
        self.codes["user_code"].as_str().unwrap()
    }

    fn page(&self) -> String {
        format!("/api/v1/device/{}", self.user_code())
    }

    async fn poll(&self) -> Answer {
        self.poll_as(CLI).await
    }

    async fn poll_as(&self, client_id: &str) -> Answer {
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", self.codes["device_code"].as_str().unwrap()),
            ("client_id", client_id),
        ];
        self.client.form("/api/oauth/token", &fields).await
    }
}

#[track_caller]
fn oauth_error(answer: Answer) -> String {
    let answer = answer.expect(400);
    answer.json()["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_device_is_signed_in_by_its_person() {
    let server = TestServer::start().await;
    let (browser, device) = (server.owner().await, Device::new(&server).await);
    assert_eq!(
        device.codes["verification_uri_complete"],
        format!("{}/device?code={}", server.url, device.user_code())
    );
    assert_eq!(
        (&device.codes["expires_in"], &device.codes["interval"]),
        (&json!(600), &json!(5))
    );
    assert_eq!(oauth_error(device.poll().await), "authorization_pending");

    let typed = device.user_code().to_lowercase().replace('-', " ");
    let facts = browser
        .get(&format!("/api/v1/device/{typed}"))
        .await
        .expect(200)
        .json();
    assert_eq!(facts["machine"], "ada-laptop");
    assert_eq!(facts["system"], "Debian 12");
    assert_eq!(facts["client"], "command_line");
    assert_eq!(facts["address"], "127.0.0.1");
    assert_eq!(facts["password_needed"], false);
    browser
        .post(&device.page(), json!({"decision": "confirm"}))
        .await
        .expect(204);

    let tokens = device.poll().await.expect(200);
    assert_eq!(tokens.header("cache-control"), "no-store");
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "Bearer");
    let command_line = device
        .client
        .with_token(tokens["access_token"].as_str().unwrap());
    command_line.get("/api/v1/me").await.expect(200);
    assert_eq!(oauth_error(device.poll().await), "invalid_grant");
    browser
        .get(&device.page())
        .await
        .refused(404, "device_code_invalid");
}

#[tokio::test]
async fn asking_too_often_is_told_to_slow_down() {
    let server = TestServer::start().await;
    let device = Device::new(&server).await;
    assert_eq!(oauth_error(device.poll().await), "authorization_pending");
    assert_eq!(oauth_error(device.poll().await), "slow_down");
    server.clock.advance_s(6);
    assert_eq!(oauth_error(device.poll().await), "slow_down");
    server.clock.advance_s(16);
    assert_eq!(oauth_error(device.poll().await), "authorization_pending");
}

#[tokio::test]
async fn a_refused_or_late_device_is_told_so() {
    let server = TestServer::start().await;
    let browser = server.owner().await;
    let refused = Device::new(&server).await;
    browser
        .post(&refused.page(), json!({"decision": "deny"}))
        .await
        .expect(204);
    assert_eq!(oauth_error(refused.poll().await), "access_denied");

    let late = Device::new(&server).await;
    server.clock.advance_s(601);
    assert_eq!(oauth_error(late.poll().await), "expired_token");
    browser
        .post(&late.page(), json!({"decision": "confirm"}))
        .await
        .refused(404, "device_code_invalid");
}

#[tokio::test]
async fn wrong_codes_and_clients_get_nothing() {
    let server = TestServer::start().await;
    let (browser, device) = (server.owner().await, Device::new(&server).await);
    assert_eq!(
        oauth_error(device.poll_as("somebody").await),
        "invalid_client"
    );
    assert_eq!(
        oauth_error(device.poll_as("coord-runner").await),
        "invalid_grant"
    );
    let fields = [("grant_type", "password"), ("username", "ada")];
    assert_eq!(
        oauth_error(device.client.form("/api/oauth/token", &fields).await),
        "invalid_request"
    );
    // Nobody who is not signed in learns anything about a code.
    device
        .client
        .get(&device.page())
        .await
        .refused(401, "not_signed_in");
    for _ in 0..10 {
        browser
            .get("/api/v1/device/BBBB-BBBB")
            .await
            .refused(404, "device_code_invalid");
    }
    browser
        .get(&device.page())
        .await
        .refused(429, "rate_limited");
    server.clock.advance_s(30);
    browser.get(&device.page()).await.expect(200);
}

#[tokio::test]
async fn an_older_sign_in_has_to_give_the_password_again() {
    let server = TestServer::start().await;
    let browser = server.owner().await;
    server.clock.advance_s(601);
    let device = Device::new(&server).await;
    let facts = browser.get(&device.page()).await.expect(200).json();
    assert_eq!(facts["password_needed"], true);
    let confirm = |password: Option<&str>| {
        let (browser, page) = (browser.clone(), device.page());
        let body = json!({"decision": "confirm", "password": password});
        async move { browser.post(&page, body).await }
    };
    confirm(None).await.refused(403, "confirmation_required");
    confirm(Some("wrong password"))
        .await
        .refused(401, "wrong_credentials");
    assert_eq!(oauth_error(device.poll().await), "authorization_pending");
    confirm(Some(PASSWORD)).await.expect(204);
    server.clock.advance_s(5);
    device.poll().await.expect(200);
    // The session is fresh again.
    let another = Device::new(&server).await;
    browser
        .post(&another.page(), json!({"decision": "confirm"}))
        .await
        .expect(204);
}
