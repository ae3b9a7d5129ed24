//! Device authorization (RFC 8628), from the device's side.

use std::time::Duration;

use protocol::{
    api::{DeviceAuthorization, DeviceAuthorizationRequest, Me, PersonRef, TokenRequest},
    error::{OAuthError, Problem},
    runner::TokenSet,
};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use crate::{
    client::{Client, unreachable},
    exit::{Exit, Failure},
};

/// What the command line calls itself.
const CLIENT_ID: &str = "coord-cli";
/// Longest wait for one answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// What `slow_down` adds to the time between two questions (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// Asks for a code.
pub(super) async fn ask(client: &Client) -> Result<DeviceAuthorization, Failure> {
    let request = DeviceAuthorizationRequest {
        client_id: CLIENT_ID.to_owned(),
        machine: machine(),
        system: system(),
    };
    let response = client
        .http()
        .post(client.url(&["api", "oauth", "device_authorization"]))
        .timeout(CALL_TIMEOUT)
        .form(&request)
        .send()
        .await
        .map_err(|error| unreachable(client.server(), &error))?;
    let status = response.status();
    if status.is_success() {
        return json(client, response).await;
    }
    let problem = response.json::<Problem>().await.map_or_else(
        |_| Failure::plain(format!("the coordinator gives no code: {status}")),
        Failure::from,
    );
    Err(problem)
}

/// The machine's name in its network.
pub(crate) fn machine() -> String {
    sysinfo::System::host_name().unwrap_or_else(|_| "unknown".to_owned())
}

/// The machine's system, in words.
pub(crate) fn system() -> String {
    sysinfo::System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned())
}

/// Waits until a person has confirmed, and takes the tokens.
pub(super) async fn tokens(
    client: &Client,
    asked: &DeviceAuthorization,
) -> Result<TokenSet, Failure> {
    let end = Instant::now() + Duration::from_secs(asked.expires_in);
    let mut interval = Duration::from_secs(asked.interval.max(1));
    while Instant::now() < end {
        match poll(client, asked).await {
            Ok(Poll::Confirmed(tokens)) => return Ok(tokens),
            Ok(Poll::Pending) => {}
            Ok(Poll::SlowDown) => interval += SLOWER,
            // The code outlives a short absence of the coordinator.
            Err(failure) if failure.exit == Exit::Unreachable => {}
            Err(failure) => return Err(failure),
        }
        sleep(interval).await;
    }
    Err(expired())
}

/// The account that the tokens belong to.
pub(super) async fn account(client: &Client, tokens: &TokenSet) -> Result<PersonRef, Failure> {
    let response = client
        .http()
        .get(client.url(&["api", "v1", "me"]))
        .timeout(CALL_TIMEOUT)
        .bearer_auth(&tokens.access_token)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|error| unreachable(client.server(), &error))?;
    let me: Me = json(client, response).await?;
    Ok(me.account)
}

/// What one question was answered with.
enum Poll {
    Confirmed(TokenSet),
    Pending,
    SlowDown,
}

async fn poll(client: &Client, asked: &DeviceAuthorization) -> Result<Poll, Failure> {
    let request = TokenRequest::DeviceCode {
        device_code: asked.device_code.clone(),
        client_id: CLIENT_ID.to_owned(),
    };
    let response = client
        .http()
        .post(client.url(&["api", "oauth", "token"]))
        .timeout(CALL_TIMEOUT)
        .form(&request)
        .send()
        .await
        .map_err(|error| unreachable(client.server(), &error))?;
    let status = response.status();
    if status.is_success() {
        return json(client, response).await.map(Poll::Confirmed);
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Ok(Poll::Pending);
    }
    let error: OAuthError = json(client, response).await?;
    match error.error.as_str() {
        "authorization_pending" => Ok(Poll::Pending),
        "slow_down" => Ok(Poll::SlowDown),
        "access_denied" => Err(Failure::new(
            Exit::Forbidden,
            "the sign-in was refused in the browser",
        )),
        "expired_token" => Err(expired()),
        _ => Err(Failure::new(
            Exit::NotSignedIn,
            error
                .error_description
                .unwrap_or_else(|| format!("the coordinator refuses the code: {}", error.error)),
        )),
    }
}

async fn json<T: DeserializeOwned>(
    client: &Client,
    response: reqwest::Response,
) -> Result<T, Failure> {
    response
        .json()
        .await
        .map_err(|error| unreachable(client.server(), &error))
}

fn expired() -> Failure {
    Failure::new(
        Exit::Timeout,
        "the code has expired before it was confirmed",
    )
    .hint("Run the command again for a new code.")
}
