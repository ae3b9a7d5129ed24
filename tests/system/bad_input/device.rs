//! Device codes that are wrong, expired or refused.

use serde_json::{Value, json};
use whole::{
    Stage,
    stage::{EMAIL, PASSWORD},
    until,
};

/// The stage's owner in a browser.
struct Browser<'a> {
    stage: &'a Stage,
    http: reqwest::Client,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn signed_in(stage: &'a Stage) -> Self {
        // An error only says that a provider is installed already.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let http = reqwest::Client::builder().build().unwrap();
        let answer = http
            .post(format!("{}/api/v1/auth/sign-in", stage.url()))
            .json(&json!({"email": EMAIL, "password": PASSWORD}))
            .send()
            .await
            .unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self {
            stage,
            http,
            cookie,
        }
    }

    async fn decide(&self, code: &str, decision: &str) -> (u16, Value) {
        let answer = self
            .http
            .post(format!("{}/api/v1/device/{code}", self.stage.url()))
            .header("cookie", &self.cookie)
            .json(&json!({"decision": decision}))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }
}

/// The code that a command shows.
fn code(said: &str) -> Option<String> {
    let line = said.lines().find(|line| line.starts_with("Confirm"))?;
    line.split_whitespace().last().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_confirms_or_refuses_what_the_command_shows() {
    let stage = Stage::ready();
    let browser = Browser::signed_in(&stage).await;
    for (decision, exit) in [("confirm", 0), ("deny", 5)] {
        let log = stage.path(decision);
        let mut login = stage
            .coord(["login", "--server", stage.url()])
            .env("COORD_CONFIG", stage.path(&format!("config-{decision}")))
            .start(&log)
            .unwrap();
        let code = until("the code", || {
            code(&std::fs::read_to_string(log.with_extension("err")).ok()?)
        });
        let (status, _) = browser.decide(&code, decision).await;
        assert!(status < 300, "{status}");
        assert_eq!(login.wait().unwrap().code(), Some(exit));
        // A code is good once.
        let (status, problem) = browser.decide(&code, "confirm").await;
        assert_eq!(status, 404, "{problem}");
        assert_eq!(problem["code"], "device_code_invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_nobody_gave_out_is_refused() {
    let stage = Stage::ready();
    let browser = Browser::signed_in(&stage).await;
    let (status, problem) = browser.decide("BCDF-GHJK", "confirm").await;
    assert_eq!(status, 404);
    assert_eq!(problem["code"], "device_code_invalid");
    assert!(
        problem["message"]
            .as_str()
            .is_some_and(|words| !words.is_empty())
    );
}

#[test]
fn a_code_that_expires_ends_the_wait() {
    let stage = Stage::empty().unwrap();
    stage.file(
        "coordinator/coordinator.toml",
        "[sign_in]\ndevice_interval_s = 1\ndevice_code_life_s = 2\n",
    );
    stage.bootstrap();
    stage.start_coordinator();
    stage
        .coord(["login", "--server", stage.url()])
        .run()
        .refused(8, &["expired"]);
}

#[test]
fn without_anybody_to_ask_a_sign_in_is_refused() {
    let stage = Stage::ready();
    stage
        .coord(["login", "--no-input", "--server", stage.url()])
        .run()
        .refused(3, &["--password-file"]);
    stage
        .coord([
            "runner",
            "start",
            "--no-input",
            "--server",
            stage.url(),
            "--data",
        ])
        .arg(stage.path("box"))
        .env("COORD_CONFIG", stage.path("nobody"))
        .run()
        .refused(3, &["coord login"]);
}
