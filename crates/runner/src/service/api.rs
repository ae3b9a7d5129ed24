//! Calls to the coordinator: one request each, with a deadline and a typed answer.
//!
//! Not here: who is signed in (`session`), and when to try again (each loop).

mod error;

use std::{fmt::Write as _, path::Path, time::Duration};

use protocol::{
    api::{DeviceAuthorization, DeviceAuthorizationRequest, Instance, TokenRequest},
    ids::AttemptId,
    limits::SYNC_GIVE_UP_MS,
    runner::{
        AppendEvents, AppendLog, Appended, ArtifactManifest, ManifestStored, PartStored,
        RegisterRequest, RegisterResponse, SyncRequest, SyncResponse, TokenSet,
    },
};
use reqwest::{RequestBuilder, Response, header::RETRY_AFTER};
use serde::de::DeserializeOwned;

pub(crate) use error::CallError;
use error::{chain, refusal, unreachable};

/// Time to reach the coordinator at all.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// Time for an ordinary call.
const CALL_PATIENCE: Duration = Duration::from_secs(30);
/// Time for a part of an artifact or an input, which may be large.
const TRANSFER_PATIENCE: Duration = Duration::from_mins(5);
/// Largest answer that is read, in bytes; a sync may bring instructions of several jobs.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A coordinator's address, and how it is called.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
}

impl Api {
    /// Calls to the coordinator at `server`.
    pub(crate) fn new(server: &str) -> Result<Self, CallError> {
        // Both TLS providers would do; the first that is installed stays.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(CALL_PATIENCE)
            .pool_idle_timeout(Duration::from_secs(90))
            .tcp_keepalive(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("coord-runner/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| CallError::Strange(chain(&error)))?;
        Ok(Self {
            http,
            base: server.trim_end_matches('/').to_owned(),
        })
    }

    /// The coordinator's address.
    pub(crate) fn server(&self) -> &str {
        &self.base
    }

    /// What the instance says of itself.
    pub(crate) async fn instance(&self) -> Result<Instance, CallError> {
        let request = self.http.get(self.url("/api/v1/instance"));
        self.call(request.timeout(CONNECT_PATIENCE)).await
    }

    /// Begins a sign-in.
    pub(crate) async fn authorize_device(
        &self,
        request: &DeviceAuthorizationRequest,
    ) -> Result<DeviceAuthorization, CallError> {
        let url = self.url("/api/oauth/device_authorization");
        self.call(self.http.post(url).form(request)).await
    }

    /// Asks for tokens.
    pub(crate) async fn token(&self, request: &TokenRequest) -> Result<TokenSet, CallError> {
        let url = self.url("/api/oauth/token");
        self.call(self.http.post(url).form(request)).await
    }

    /// Makes this machine a runner of the token's account.
    pub(crate) async fn register(
        &self,
        token: &str,
        request: &RegisterRequest,
    ) -> Result<RegisterResponse, CallError> {
        let url = self.url("/api/runner/v1/register");
        self.call(self.http.post(url).bearer_auth(token).json(request))
            .await
    }

    /// Says everything, and hears everything.
    pub(crate) async fn sync(
        &self,
        token: &str,
        request: &SyncRequest,
    ) -> Result<SyncResponse, CallError> {
        let call = self
            .http
            .post(self.url("/api/runner/v1/sync"))
            .timeout(Duration::from_millis(SYNC_GIVE_UP_MS));
        self.call(call.bearer_auth(token).json(request)).await
    }

    /// Ends this runner's registration.
    pub(crate) async fn sign_out(&self, token: &str) -> Result<(), CallError> {
        let call = self.http.post(self.url("/api/runner/v1/sign-out"));
        accepted(call.timeout(CONNECT_PATIENCE).bearer_auth(token))
            .await
            .map(drop)
    }

    /// Sends events.
    pub(crate) async fn events(
        &self,
        token: &str,
        attempt: AttemptId,
        entries: &AppendEvents,
    ) -> Result<Appended, CallError> {
        let url = self.url(&format!("/api/runner/v1/attempts/{attempt}/events"));
        self.call(self.http.post(url).bearer_auth(token).json(entries))
            .await
    }

    /// Sends log entries.
    pub(crate) async fn log(
        &self,
        token: &str,
        attempt: AttemptId,
        entries: &AppendLog,
    ) -> Result<Appended, CallError> {
        let url = self.url(&format!("/api/runner/v1/attempts/{attempt}/log"));
        self.call(self.http.post(url).bearer_auth(token).json(entries))
            .await
    }

    /// Sends one part of an artifact.
    pub(crate) async fn part(
        &self,
        token: &str,
        attempt: AttemptId,
        sha256: &str,
        content: Vec<u8>,
    ) -> Result<PartStored, CallError> {
        let url = format!("/api/runner/v1/attempts/{attempt}/artifacts/parts/{sha256}");
        let call = self.http.put(self.url(&url)).timeout(TRANSFER_PATIENCE);
        self.call(call.bearer_auth(token).body(content)).await
    }

    /// Hands over the list of artifacts.
    pub(crate) async fn manifest(
        &self,
        token: &str,
        attempt: AttemptId,
        manifest: &ArtifactManifest,
    ) -> Result<ManifestStored, CallError> {
        let url = self.url(&format!("/api/runner/v1/attempts/{attempt}/artifacts"));
        self.call(self.http.post(url).bearer_auth(token).json(manifest))
            .await
    }

    /// Fetches an input into the file at `target`.
    pub(crate) async fn input(
        &self,
        token: &str,
        attempt: AttemptId,
        name: &str,
        target: &Path,
    ) -> Result<(), CallError> {
        use tokio::io::AsyncWriteExt as _;
        let name = encoded(name);
        let url = self.url(&format!("/api/runner/v1/attempts/{attempt}/inputs/{name}"));
        let call = self.http.get(url).timeout(TRANSFER_PATIENCE);
        let mut answer = accepted(call.bearer_auth(token)).await?;
        let mut file = tokio::fs::File::create(target)
            .await
            .map_err(CallError::Local)?;
        while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
            file.write_all(&chunk).await.map_err(CallError::Local)?;
        }
        file.sync_all().await.map_err(CallError::Local)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CallError> {
        let body = body(accepted(request).await?).await?;
        serde_json::from_slice(&body).map_err(|error| {
            CallError::Strange(format!(
                "The coordinator at {} gave an answer that this runner does not understand: {error}",
                self.base
            ))
        })
    }
}

/// Sends `request`; anything but success is an error.
async fn accepted(request: RequestBuilder) -> Result<Response, CallError> {
    let answer = request.send().await.map_err(|error| unreachable(&error))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let retry_after_ms = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1000));
    let body = body(answer).await.unwrap_or_default();
    Err(refusal(status, &body, retry_after_ms))
}

async fn body(mut answer: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(CallError::Strange(
                "The coordinator's answer is larger than this runner takes.".to_owned(),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A file's name as one segment of a path.
fn encoded(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_segment() {
        assert_eq!(encoded("a b/ü.txt"), "a%20b%2F%C3%BC.txt");
    }

    #[tokio::test]
    async fn a_coordinator_that_is_away_is_said_in_words() {
        // Bound and dropped, so that nothing listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let api = Api::new(&format!("http://127.0.0.1:{port}/")).unwrap();
        let error = api.instance().await.unwrap_err();
        assert!(error.to_string().contains("nothing listens"), "{error}");
    }
}
