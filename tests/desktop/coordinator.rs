//! A real coordinator for one test, and its owner.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::desk::Desk;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// A running coordinator with one workspace, `team`.
pub(crate) struct Coordinator {
    /// Its address.
    pub(crate) url: String,
    http: reqwest::Client,
    cookie: String,
}

impl Coordinator {
    /// Starts one on `desk` and signs its owner in, as a browser would.
    pub(crate) async fn start(desk: &mut Desk) -> anyhow::Result<Self> {
        let data = desk.home().join("coordinator");
        std::fs::write(desk.home().join("password"), PASSWORD)?;
        let bootstrap = desk
            .coord(&[
                "server",
                "bootstrap",
                "--email",
                EMAIL,
                "--workspace",
                "team",
            ])?
            .argument("--data")
            .argument(&data)
            .argument("--password-file")
            .argument(desk.home().join("password"));
        ensure!(desk.run(&bootstrap).await?.0, "no owner could be made");
        let server = desk
            .coord(&["server", "--listen", "127.0.0.1:0", "--json"])?
            .argument("--data")
            .argument(&data);
        let ready: Value = serde_json::from_str(&desk.start_until_line(&server).await?)?;
        let url = ready["url"].as_str().context("an address")?.to_owned();
        let http = client()?;
        let cookie = sign_in(&http, &url).await?;
        Ok(Self { url, http, cookie })
    }

    /// Confirms the device with this code, as its owner does in the browser.
    pub(crate) async fn confirm(&self, user_code: &str) -> anyhow::Result<()> {
        let address = format!("{}/api/v1/device/{user_code}", self.url);
        let facts: Value = self.get(&address).await?;
        ensure!(facts["client"] == "runner", "a runner asks: {facts}");
        self.post(&address, &json!({"decision": "confirm"})).await?;
        Ok(())
    }

    /// Submits a job with these instructions for the demo agent; its id.
    pub(crate) async fn submit(&self, title: &str, instructions: &str) -> anyhow::Result<String> {
        self.submit_to("demo", title, instructions).await
    }

    /// As [`Self::submit`], for a certain agent.
    pub(crate) async fn submit_to(
        &self,
        agent: &str,
        title: &str,
        instructions: &str,
    ) -> anyhow::Result<String> {
        let address = format!("{}/api/v1/workspaces/team/jobs", self.url);
        let job = json!({
            "title": title,
            "instructions": instructions,
            "agent": agent,
            "target": {"kind": "my"},
            "ready": true,
        });
        let job = self.post(&address, &job).await?;
        Ok(job["id"].as_str().context("an id")?.to_owned())
    }

    /// The job's state.
    pub(crate) async fn state_of(&self, job: &str) -> anyhow::Result<String> {
        let job = self.get(&format!("{}/api/v1/jobs/{job}", self.url)).await?;
        let state = job["state"].as_str().context("a state")?;
        Ok(state.to_owned())
    }

    /// Everything that the job's first attempt has said.
    pub(crate) async fn log_of(&self, job: &str) -> anyhow::Result<String> {
        let address = format!("{}/api/v1/jobs/{job}/attempts/1/log.txt", self.url);
        let request = self.http.get(address).header("cookie", &self.cookie);
        Ok(request.send().await?.error_for_status()?.text().await?)
    }

    /// Removes a runner, as its owner does in the browser.
    pub(crate) async fn remove_runner(&self, id: &str) -> anyhow::Result<()> {
        let request = self
            .http
            .delete(format!("{}/api/v1/runners/{id}", self.url))
            .header("cookie", &self.cookie)
            .header("origin", &self.url);
        answered(request.send().await?).await?;
        Ok(())
    }

    async fn get(&self, address: &str) -> anyhow::Result<Value> {
        let request = self.http.get(address).header("cookie", &self.cookie);
        answered(request.send().await?).await
    }

    async fn post(&self, address: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self
            .http
            .post(address)
            .header("cookie", &self.cookie)
            .header("origin", &self.url)
            .json(body);
        answered(request.send().await?).await
    }
}

async fn sign_in(http: &reqwest::Client, url: &str) -> anyhow::Result<String> {
    let answer = http
        .post(format!("{url}/api/v1/auth/sign-in"))
        .header("origin", url)
        .json(&json!({"email": EMAIL, "password": PASSWORD}))
        .send()
        .await?
        .error_for_status()?;
    let cookie = answer.headers().get("set-cookie").context("a cookie")?;
    let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
    Ok(cookie.to_owned())
}

async fn answered(answer: reqwest::Response) -> anyhow::Result<Value> {
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{status}: {text}");
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_str(&text)?)
}

fn client() -> anyhow::Result<reqwest::Client> {
    // Another test of this program may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()?;
    Ok(client)
}
