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

    /// Submits a job that stays in Backlog.
    pub(crate) async fn submit(&self, number: usize) -> Result<Value> {
        let job = json!({
            "title": format!("Bench {number}"),
            "instructions": "say done",
            "agent": "demo",
            "target": {"kind": "my"},
            "ready": false,
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
