//! The device flow (RFC 8628): the machine shows a code, a person confirms it in a browser.

use std::time::Duration;

use control::state::Connection;
use protocol::{
    agent::Platform,
    api::{DeviceAuthorizationRequest, TokenRequest},
    runner::TokenSet,
};

use super::Session;
use crate::{
    clock,
    service::api::{Api, CallError},
};

/// By this name the coordinator knows what asks.
const CLIENT_ID: &str = "coord-runner";
/// What a coordinator that is too busy adds to the wait.
const SLOWER: Duration = Duration::from_secs(5);

/// Why a sign-in came to nothing, in words for a person.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeviceError {
    /// Nobody confirmed in time.
    #[error("The code has expired before it was confirmed. Sign in again.")]
    Expired,
    /// The person refused.
    #[error("The sign-in was refused in the browser.")]
    Denied,
    /// The coordinator could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Goes through the flow; the code stands in the state meanwhile.
pub(super) async fn authorize(
    session: &Session,
    api: &Api,
    platform: &Platform,
) -> Result<TokenSet, DeviceError> {
    let device = api
        .authorize_device(&DeviceAuthorizationRequest {
            client_id: CLIENT_ID.to_owned(),
            machine: platform.hostname.clone(),
            system: platform.os_version.clone(),
        })
        .await?;
    let ends_ms = clock::steady_ms().saturating_add(device.expires_in.saturating_mul(1000));
    let expires_at = clock::now().plus_millis(device.expires_in.saturating_mul(1000));
    session.board.update(|state| {
        state.connection = Connection::SigningIn {
            user_code: device.user_code.clone(),
            verification_uri: device.verification_uri.clone(),
            verification_uri_complete: device.verification_uri_complete.clone(),
            expires_at,
        };
    });
    let mut interval = Duration::from_secs(device.interval.max(1));
    loop {
        tokio::time::sleep(interval).await;
        if clock::steady_ms() > ends_ms {
            return Err(DeviceError::Expired);
        }
        let request = TokenRequest::DeviceCode {
            device_code: device.device_code.clone(),
            client_id: CLIENT_ID.to_owned(),
        };
        match api.token(&request).await {
            Ok(tokens) => return Ok(tokens),
            Err(CallError::OAuth(error)) => match error.error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += SLOWER,
                "expired_token" => return Err(DeviceError::Expired),
                "access_denied" => return Err(DeviceError::Denied),
                _ => return Err(CallError::OAuth(error).into()),
            },
            // The network may come back while the code is good (RFC 8628 §3.5).
            Err(CallError::Unreachable(_)) => interval += SLOWER,
            Err(error) => match error.retry_after_ms() {
                Some(wait) => interval += Duration::from_millis(wait.min(60_000)),
                None => return Err(error.into()),
            },
        }
    }
}
