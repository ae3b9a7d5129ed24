//! Somebody beside the stage's owner: an account of their own, in a browser and on a machine.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::stage::{EMAIL, PASSWORD, Stage, WORKSPACE};

/// An account that is signed in, as a browser and as a command line.
pub struct Person<'a> {
    stage: &'a Stage,
    email: String,
    cookie: String,
    http: reqwest::Client,
    runtime: Runtime,
}

impl<'a> Person<'a> {
    /// The stage's owner.
    #[track_caller]
    pub fn owner(stage: &'a Stage) -> Self {
        let mut owner = Self::nobody(stage, EMAIL);
        let password = json!({"email": EMAIL, "password": PASSWORD});
        owner.cookie = owner.signed_in("/api/v1/auth/sign-in", &password);
        owner
    }

    /// A member of the workspace, invited by its owner.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "without an invitation there is no member"
    )]
    pub fn invited(stage: &'a Stage, owner: &Self, name: &str) -> Self {
        let email = format!("{name}@example.org");
        let invitations = format!("/api/v1/workspaces/{WORKSPACE}/invitations");
        let invitation = json!({"email": email, "role": "member"});
        let made = owner.call(Method::POST, &invitations, Some(&invitation));
        let url = made["url"].as_str().expect("an address");
        let (_, token) = url.split_once('#').expect("a token in the address");
        let mut person = Self::nobody(stage, &email);
        let account =
            json!({"email": email, "name": name, "password": PASSWORD, "invitation": token});
        person.cookie = person.signed_in("/api/v1/auth/sign-up", &account);
        stage
            .coord(["login", "--server", stage.url(), "--email", &email])
            .arg("--password-file")
            .arg(stage.path("password"))
            .env("COORD_CONFIG", person.config())
            .run()
            .ok();
        person
    }

    #[expect(
        clippy::expect_used,
        reason = "without a client or a runtime nobody can be asked"
    )]
    fn nobody(stage: &'a Stage, email: &str) -> Self {
        // Only the first of all tests in a process installs it.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        Self {
            stage,
            email: email.to_owned(),
            cookie: String::new(),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            runtime: Runtime::new().expect("a runtime"),
        }
    }

    /// Where this person's command line keeps its sign-in.
    pub fn config(&self) -> PathBuf {
        if self.email == EMAIL {
            return self.stage.path("config");
        }
        self.stage.path(&format!("config-{}", self.email))
    }

    /// Calls the coordinator as this person's browser does.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "an answer that is no JSON fails the test"
    )]
    pub fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let (_, text) = self.ask(method, path, body);
        if text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&text).expect("JSON")
    }

    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "an answer without a session fails the test"
    )]
    fn signed_in(&self, path: &str, body: &Value) -> String {
        let (cookie, _) = self.ask(Method::POST, path, Some(body));
        cookie.expect("a session")
    }

    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a coordinator that does not answer fails the test"
    )]
    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (Option<String>, String) {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.stage.url()))
            .header("cookie", &self.cookie);
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, cookie, text) = self.runtime.block_on(async {
            let answer = request.send().await.expect("an answer");
            let cookie = answer.headers().get("set-cookie");
            let cookie = cookie.and_then(|cookie| cookie.to_str().ok());
            let cookie = cookie.and_then(|cookie| cookie.split(';').next());
            let cookie = cookie.map(str::to_owned);
            (
                answer.status(),
                cookie,
                answer.text().await.expect("its end"),
            )
        });
        assert!(status.is_success(), "{path}: {status} {text}");
        (cookie, text)
    }
}
