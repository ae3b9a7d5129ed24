//! The person who submits the jobs, and asks until somebody answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use whole::{
    stage::{EMAIL, PASSWORD, WORKSPACE},
    until,
};

use crate::work::{Work, title};

/// How long one coordinator may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// How many entries are asked for at once.
const ENTRIES_MAX: usize = 1_000;

/// A signed-in browser that tries every coordinator in turn.
pub(crate) struct Client {
    http: reqwest::Client,
    runtime: Arc<Runtime>,
    cookie: String,
    coordinators: Arc<Mutex<Vec<SocketAddr>>>,
    /// The one that is asked first: whoever answered last.
    first: AtomicUsize,
}

/// Some entries of a record.
#[derive(Deserialize)]
struct Page<T> {
    entries: Vec<T>,
    last: u64,
}

impl Client {
    /// Signs the owner in.
    pub(crate) fn sign_in(coordinators: Vec<SocketAddr>) -> Self {
        // Only the first of all tests in a process installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().no_proxy().timeout(ANSWER_MAX);
        let mut client = Self {
            http: http.build().unwrap(),
            runtime: Arc::new(Runtime::new().unwrap()),
            cookie: String::new(),
            coordinators: Arc::new(Mutex::new(coordinators)),
            first: AtomicUsize::new(0),
        };
        let password = json!({"email": EMAIL, "password": PASSWORD});
        let answer = client.send(&Method::POST, "/api/v1/auth/sign-in", Some(&password));
        let cookie = answer.unwrap().headers()["set-cookie"].clone();
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
        cookie.clone_into(&mut client.cookie);
        client
    }

    /// The same person in another thread, who asks the same coordinators, beginning with `first`.
    pub(crate) fn twin(&self, first: usize) -> Self {
        Self {
            http: self.http.clone(),
            runtime: Arc::clone(&self.runtime),
            cookie: self.cookie.clone(),
            coordinators: Arc::clone(&self.coordinators),
            first: AtomicUsize::new(first),
        }
    }

    /// Asks these from now on, and so do its twins.
    pub(crate) fn asks(&self, coordinators: Vec<SocketAddr>) {
        *self.coordinators.lock().unwrap() = coordinators;
    }

    /// What a coordinator says; each is asked once.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.bytes(path)?)?)
    }

    /// The same, from whoever can say it at last.
    pub(crate) fn get_at_last(&self, path: &str) -> Value {
        until(path, || self.get(path).ok())
    }

    /// The content of a file.
    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.send(&Method::GET, path, None)?;
        Ok(self.runtime.block_on(answer.bytes())?.to_vec())
    }

    /// Asks for something to be done; whether it was is not known after an error.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.send(&Method::POST, path, Some(body))?;
        let text = self.runtime.block_on(answer.text())?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Submits a job that is Ready at once.
    pub(crate) fn submit(&self, title: &str, instructions: &str) -> Result<String> {
        let job = json!({
            "title": title,
            "instructions": instructions,
            "agent": "demo",
            "target": {"kind": "my"},
            "ready": true,
        });
        let made = self.post(&in_workspace("jobs"), &job)?;
        Ok(made["id"].as_str().context("a job's id")?.to_owned())
    }

    /// The same, for one whose log will be looked at.
    pub(crate) fn give(&self, work: &Work) -> String {
        let title = title(work.number);
        self.submit(&title, &work.instructions).unwrap()
    }

    /// A whole job.
    pub(crate) fn job(&self, id: &str) -> Value {
        self.get_at_last(&format!("/api/v1/jobs/{id}"))
    }

    /// Waits until a job is over.
    pub(crate) fn wait_until_over(&self, id: &str) -> Value {
        until("the job's end", || {
            let job = self.get(&format!("/api/v1/jobs/{id}")).ok()?;
            let over = ["done", "failed", "cancelled"];
            over.contains(&job["state"].as_str()?).then_some(job)
        })
    }

    /// Waits until a job's newest attempt has so many entries in its log.
    pub(crate) fn wait_for_log(&self, id: &str, entries: u64) {
        until("the log", || {
            let job = self.get(&format!("/api/v1/jobs/{id}")).ok()?;
            let newest = job["attempts"].as_array()?.last()?;
            (newest["log_last"].as_u64()? >= entries).then_some(())
        });
    }

    /// Every entry of one of the streams of an attempt: `log` or `events`.
    pub(crate) fn entries<T: DeserializeOwned>(
        &self,
        job: &str,
        attempt: u64,
        stream: &str,
    ) -> Vec<T> {
        let path = format!("/api/v1/jobs/{job}/attempts/{attempt}/{stream}");
        let mut all: Vec<T> = Vec::new();
        loop {
            let after = all.len();
            let asked = format!("{path}?after={after}&limit={ENTRIES_MAX}");
            let page: Page<T> = until(&asked, || {
                let bytes = self.bytes(&asked).ok()?;
                Some(serde_json::from_slice(&bytes).unwrap())
            });
            let (came, last) = (page.entries.len(), page.last);
            all.extend(page.entries);
            if came == 0 || all.len() as u64 >= last {
                return all;
            }
        }
    }

    /// Allows whatever agents wait for; says how often.
    pub(crate) fn allow_everything(&self) -> Result<usize> {
        let pending = self.get(&in_workspace("pending"))?;
        let mut allowed = 0;
        for view in pending["approvals"].as_array().context("a list")? {
            let approval = &view["approval"];
            if view["status"] != "waiting" {
                continue;
            }
            let id = approval["id"].as_str().context("an id")?;
            let answer = json!({"decision": "allow_once", "digest": approval["digest"]});
            // Its attempt may have ended in between.
            let path = format!("/api/v1/approvals/{id}/answer");
            allowed += usize::from(self.post(&path, &answer).is_ok());
        }
        Ok(allowed)
    }

    /// Which day it is, as one coordinator says with each answer.
    pub(crate) fn day_at(&self, coordinator: SocketAddr) -> Option<String> {
        let asked = self.http.get(format!("http://{coordinator}/healthz"));
        let answer = self.runtime.block_on(async { asked.send().await }).ok()?;
        let date = answer.headers().get("date")?.to_str().ok()?;
        Some(date.chars().take("Mon, 23 Nov 2026".len()).collect())
    }

    fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<reqwest::Response> {
        let coordinators = self.coordinators.lock().unwrap().clone();
        let mut why = anyhow::anyhow!("no coordinator runs");
        let count = coordinators.len();
        for _ in 0..count {
            let first = self.first.load(Ordering::Relaxed);
            let address = coordinators[first % count];
            let url = format!("http://{address}{path}");
            let mut request = self.http.request(method.clone(), url);
            request = request.header("cookie", &self.cookie);
            if let Some(body) = body {
                request = request.json(body);
            }
            match self.runtime.block_on(async { request.send().await }) {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) if answer.status().is_server_error() => {
                    why = anyhow::anyhow!("{path}: {}", answer.status());
                }
                Ok(answer) => bail!("{path}: {}", answer.status()),
                Err(error) => why = error.into(),
            }
            // Whoever asks next, for this or for something else, asks another one.
            self.first.store(first.wrapping_add(1), Ordering::Relaxed);
            ensure!(*method != Method::POST, "{why:#}");
        }
        Err(why)
    }
}

/// A path in the workspace.
pub(crate) fn in_workspace(rest: &str) -> String {
    format!("/api/v1/workspaces/{WORKSPACE}/{rest}")
}
