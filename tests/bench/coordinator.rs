//! The coordinator, as a person's browser speaks to it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use whole::stage::{EMAIL, PASSWORD, WORKSPACE};

use crate::place::PATIENCE;

const LOOK_EVERY: Duration = Duration::from_millis(25);

/// A signed-in browser.
pub(crate) struct Coordinator {
    url: String,
    http: reqwest::Client,
    cookie: String,
}

impl Coordinator {
    /// Signs the owner in.
    pub(crate) async fn sign_in(url: &str) -> Result<Self> {
        let http = client()?;
        let answer = http
            .post(format!("{url}/api/v1/auth/sign-in"))
            .header("origin", url)
            .json(&json!({"email": EMAIL, "password": PASSWORD}))
            .send()
            .await?
            .error_for_status()?;
        let cookie = answer.headers().get("set-cookie").context("a cookie")?;
        let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
        Ok(Self {
            url: url.to_owned(),
            http,
            cookie: cookie.to_owned(),
        })
    }

    /// Submits a job that stays in Backlog, or is Ready at once.
    pub(crate) async fn submit(&self, number: usize, agent: &str, ready: bool) -> Result<Value> {
        let job = json!({
            "title": format!("Bench {number}"),
            "instructions": "say done",
            "agent": agent,
            "target": {"kind": "my"},
            "ready": ready,
        });
        self.post(&format!("workspaces/{WORKSPACE}/jobs"), &job)
            .await
    }

    /// Makes a job Ready.
    pub(crate) async fn make_ready(&self, id: &str) -> Result<()> {
        self.post(&format!("jobs/{id}/ready"), &json!({})).await?;
        Ok(())
    }

    /// Waits until a job is done.
    pub(crate) async fn done(&self, id: &str) -> Result<()> {
        let path = format!("jobs/{id}");
        self.until(&path, |job| match job["state"].as_str() {
            Some("done") => Ok(true),
            Some("failed" | "cancelled") => bail!("a job went wrong: {job}"),
            _ => Ok(false),
        })
        .await
    }

    /// Waits until the one runner has its agent and holds nothing.
    pub(crate) async fn idle_runner(&self) -> Result<()> {
        let path = format!("workspaces/{WORKSPACE}/runners");
        self.until(&path, |runners| {
            let runner = &runners["runners"][0];
            let slots = &runner["slots"];
            let agents = runner["capabilities"]["agents"].as_array();
            let usable =
                |agent: &Value| agent["name"] == "demo" && agent["detection"] == "detected";
            Ok(runner["state"] == "online"
                && slots["free"] == slots["total"]
                && agents.is_some_and(|agents| agents.iter().any(usable)))
        })
        .await
    }

    /// The tokens of a command line that is signed in as the owner.
    pub(crate) async fn command_line_token(&self) -> Result<String> {
        let form = |path: &str, fields: Value| {
            let request = self.http.post(format!("{}{path}", self.url));
            answered(request.form(&fields))
        };
        let asked = json!({"client_id": "coord-cli", "machine": "bench", "system": "bench"});
        let codes = form("/api/oauth/device_authorization", asked).await?;
        let code = codes["user_code"].as_str().context("a code")?;
        let confirm = self.http.post(format!("{}/api/v1/device/{code}", self.url));
        let confirm = confirm.header("cookie", &self.cookie);
        confirm
            .header("origin", &self.url)
            .json(&json!({"decision": "confirm"}))
            .send()
            .await?
            .error_for_status()?;
        let trade = json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": codes["device_code"],
            "client_id": "coord-cli",
        });
        let tokens = form("/api/oauth/token", trade).await?;
        Ok(tokens["access_token"]
            .as_str()
            .context("a token")?
            .to_owned())
    }

    /// A call with a token.
    pub(crate) async fn with_token(&self, token: &str, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}{path}", self.url));
        answered(request.bearer_auth(token).json(body)).await
    }

    /// The list of runners with its tag, compressed on the way; none when it is as `known`.
    pub(crate) async fn runners(&self, known: Option<&str>) -> Result<Option<(String, Value)>> {
        let path = format!("{}/api/v1/workspaces/{WORKSPACE}/runners", self.url);
        let mut request = self.http.get(path).header("cookie", &self.cookie);
        request = request.header("accept-encoding", "gzip");
        if let Some(known) = known {
            request = request.header("if-none-match", known);
        }
        let answer = request.send().await?.error_for_status()?;
        if answer.status() == reqwest::StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let tag = answer.headers().get("etag").context("a tag")?;
        let tag = tag.to_str()?.to_owned();
        let mut text = String::new();
        let body = answer.bytes().await?;
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut text)?;
        Ok(Some((tag, serde_json::from_str(&text)?)))
    }

    /// The workspace's live stream.
    pub(crate) async fn live(&self) -> Result<reqwest::Response> {
        let path = format!("{}/api/v1/workspaces/{WORKSPACE}/live", self.url);
        // It has no end; how long it is read is the reader's business.
        let request = self.http.get(path).timeout(Duration::from_hours(1));
        let request = request.header("cookie", &self.cookie);
        Ok(request.send().await?.error_for_status()?)
    }

    async fn until(&self, path: &str, reached: impl Fn(&Value) -> Result<bool>) -> Result<()> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let now = self.get(path).await?;
            if reached(&now)? {
                return Ok(());
            }
            ensure!(Instant::now() < give_up, "waited in vain: {now}");
            sleep(LOOK_EVERY).await;
        }
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let request = self.http.get(format!("{}/api/v1/{path}", self.url));
        answered(request.header("cookie", &self.cookie)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(format!("{}/api/v1/{path}", self.url));
        let request = request.header("cookie", &self.cookie);
        answered(request.header("origin", &self.url).json(body)).await
    }
}

async fn answered(request: reqwest::RequestBuilder) -> Result<Value> {
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

/// A client for this machine alone.
pub(crate) fn client() -> Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    Ok(client)
}
