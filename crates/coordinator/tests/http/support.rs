//! A coordinator in this process, and clients that talk to it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use coordinator::{BootstrapOptions, Clock, Options, Server, SystemClock};
use protocol::time::Timestamp;
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinSet};

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A clock that runs on from now, and can be moved ahead.
#[derive(Debug, Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance_s(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

/// A coordinator with an owner, stopped when dropped.
pub(crate) struct TestServer {
    pub(crate) url: String,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) data: TempDir,
    stop: Option<oneshot::Sender<()>>,
    running: JoinSet<()>,
}

impl TestServer {
    /// With an owner and the workspace `team`.
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// With these settings.
    pub(crate) async fn start_with(settings: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("coordinator.toml"), settings).unwrap();
        coordinator::bootstrap(owner(data.path())).await.unwrap();
        Self::start_on(data).await
    }

    /// On this database, with an owner.
    pub(crate) async fn start_on_database(url: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut bootstrap = owner(data.path());
        bootstrap.database = Some(url.to_owned());
        coordinator::bootstrap(bootstrap).await.unwrap();
        Self::run(data, Some(url.to_owned())).await
    }

    /// Another coordinator of this database, whose files stand in `objects`.
    pub(crate) async fn start_beside(url: &str, objects: &Path) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = format!("[server]\ndrain_s = 1\n[objects]\nfolder = {objects:?}\n");
        std::fs::write(data.path().join("coordinator.toml"), settings).unwrap();
        Self::run(data, Some(url.to_owned())).await
    }

    /// On this data directory, as it is.
    pub(crate) async fn start_on(data: TempDir) -> Self {
        Self::run(data, None).await
    }

    async fn run(data: TempDir, database: Option<String>) -> Self {
        let clock = Arc::new(TestClock::default());
        let mut options = Options::new(data.path(), ([127, 0, 0, 1], 0).into());
        options.clock = clock.clone();
        options.database = database;
        let server = Server::start(options).await.unwrap();
        let url = server.url().to_owned();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut running = JoinSet::new();
        running.spawn(server.run_until(async move {
            // A sender that is dropped stops it as well.
            stopped.await.ok();
        }));
        Self {
            url,
            clock,
            data,
            stop: Some(stop),
            running,
        }
    }

    /// A client that is nobody yet.
    pub(crate) fn client(&self) -> Client {
        Client {
            http: http(),
            url: self.url.clone(),
            credential: None,
        }
    }

    /// The owner in a browser.
    pub(crate) async fn owner(&self) -> Client {
        let mut client = self.client();
        client.sign_in(EMAIL, PASSWORD).await;
        client
    }

    /// Makes somebody a member of the workspace `team`.
    pub(crate) async fn add_member(&self, account: &str, role: &str) {
        let text = "INSERT INTO members (workspace_id, account_id, role, created_at)
                    SELECT id, $1, $2, 1 FROM workspaces WHERE slug = 'team'";
        self.sql(text, [account, role]).await;
    }

    /// Makes another workspace of the owner; returns its id.
    pub(crate) async fn add_workspace(&self, slug: &str) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        let text = "INSERT INTO workspaces (id, slug, name, created_at) VALUES ($1, $2, $2, 1)";
        self.sql(text, [&id, slug]).await;
        let text = "INSERT INTO members (workspace_id, account_id, role, created_at)
                    SELECT $1, first_owner_id, $2, 1 FROM instance";
        self.sql(text, [&id, "owner"]).await;
        id
    }

    async fn sql(&self, text: &'static str, values: [&str; 2]) {
        let file = self.data.path().join("coord.db");
        let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
            .await
            .unwrap();
        sqlx::query(text)
            .bind(values[0])
            .bind(values[1])
            .execute(&mut database)
            .await
            .unwrap();
    }

    /// Stops it, and waits until it has stopped.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        while let Some(ended) = self.running.join_next().await {
            ended.unwrap();
        }
    }
}

/// The first owner of a test's coordinator.
pub(crate) fn owner(data: &Path) -> BootstrapOptions {
    BootstrapOptions::new(data, EMAIL, PASSWORD, "Team")
}

pub(crate) fn http() -> reqwest::Client {
    // Only the first of all tests in a process installs it.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

#[derive(Debug, Clone)]
enum Credential {
    Cookie(String),
    Token(String),
}

/// Somebody who calls the API.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) url: String,
    credential: Option<Credential>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of a problem, checked to be complete.
    pub(crate) fn code(&self) -> String {
        let problem = self.json();
        assert!(problem["message"].is_string(), "{problem}");
        assert_eq!(
            problem["request_id"],
            self.header("x-request-id"),
            "{problem}"
        );
        problem["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Fails the test unless the status is this.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// Fails the test unless it is this refusal.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.code(), code);
        answer
    }
}

impl Client {
    /// The same, at another coordinator.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.credential {
            Some(Credential::Cookie(cookie)) => request.header("cookie", cookie),
            Some(Credential::Token(token)) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(self.request(Method::POST, path).form(fields)).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        send(self.request(Method::PUT, path).body(body)).await
    }

    /// Signs in as a browser does.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        let body = serde_json::json!({"email": email, "password": password});
        let answer = self.post("/api/v1/auth/sign-in", body).await;
        self.keep_cookie(&answer);
        answer
    }

    /// Signs up as a browser does.
    pub(crate) async fn sign_up(&mut self, email: &str, invitation: Option<&str>) -> Answer {
        let body = serde_json::json!({
            "email": email, "name": "Bob", "password": PASSWORD, "invitation": invitation,
        });
        let answer = self.post("/api/v1/auth/sign-up", body).await;
        self.keep_cookie(&answer);
        answer
    }

    fn keep_cookie(&mut self, answer: &Answer) {
        if answer.status.is_success() {
            let cookie = answer.header("set-cookie").split(';').next().unwrap();
            self.credential = Some(Credential::Cookie(cookie.to_owned()));
        }
    }

    /// The same, as a browser with this cookie.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Self {
        Self {
            credential: Some(Credential::Cookie(cookie.to_owned())),
            ..self.clone()
        }
    }

    /// The same, as a device with this access token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            credential: Some(Credential::Token(token.to_owned())),
            ..self.clone()
        }
    }
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

/// Waits for something that has to come soon; the limit only ends a test that would hang.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come"))
}
