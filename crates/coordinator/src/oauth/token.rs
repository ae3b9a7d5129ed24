//! The device's side: asking for codes, and trading codes and tokens for tokens.

use protocol::{
    api::{ClientKind, DeviceAuthorization, DeviceAuthorizationRequest, TokenRequest},
    error::{ErrorCode, OAuthError},
    runner::TokenSet,
};
use store::{DevicePoll, NewDeviceCode, Refreshed, SetupMachine};

use super::{UserCode, fresh_pair};
use crate::{
    app::App,
    auth::{Secret, after_s, sha256_of},
    error::ApiError,
};

/// How often a user code that is taken is drawn again.
const DRAWS_MAX: usize = 5;
/// Longest name of a machine or system that is shown to a person.
const FACT_CHARS_MAX: usize = 100;

/// Why a device is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// In the words of OAuth.
    OAuth(OAuthError),
    /// Outside of them: too many requests, or something broke.
    Api(ApiError),
}

impl Refused {
    fn oauth(error: &str, description: &str) -> Self {
        Self::OAuth(OAuthError {
            error: error.to_owned(),
            error_description: Some(description.to_owned()),
        })
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Api(error.into())
    }
}

/// Gives a device its two codes.
pub(crate) async fn authorize_device(
    app: &App,
    request: DeviceAuthorizationRequest,
    address: String,
) -> Result<DeviceAuthorization, Refused> {
    let now = app.now();
    app.rates.device.take_or_refuse(&address, now)?;
    let client = client_of(&request.client_id)?;
    let lives = &app.config.sign_in;
    for _ in 0..DRAWS_MAX {
        let (user_code, device_code) = (UserCode::random(), Secret::new("cod_"));
        let new = NewDeviceCode {
            device_hash: device_code.sha256(),
            user_code: user_code.to_string(),
            client,
            machine: shown(&request.machine),
            system: shown(&request.system),
            address: address.clone(),
            interval_s: lives.device_interval_s.get(),
            expires_at: after_s(now, lives.device_code_life_s.get()),
        };
        if app.store.create_device_code(new, now).await? {
            let page = format!("{}/device", app.public_url);
            return Ok(DeviceAuthorization {
                device_code: device_code.reveal(),
                verification_uri_complete: format!("{page}?code={user_code}"),
                verification_uri: page,
                user_code: user_code.to_string(),
                expires_in: lives.device_code_life_s.get(),
                interval: lives.device_interval_s.get(),
            });
        }
    }
    Err(Refused::oauth(
        "temporarily_unavailable",
        "No free code was found. Try again.",
    ))
}

/// Hands out tokens for a confirmed code or a good refresh token.
pub(crate) async fn tokens(
    app: &App,
    request: TokenRequest,
    address: String,
) -> Result<TokenSet, Refused> {
    let now = app.now();
    let (tokens, hashes) = fresh_pair(app, now);
    match request {
        TokenRequest::DeviceCode {
            device_code,
            client_id,
        } => {
            let client = client_of(&client_id)?;
            let hash = sha256_of(&device_code);
            match app
                .store
                .poll_device_code(&hash, client, hashes, now)
                .await?
            {
                DevicePoll::Granted(grant) => {
                    tracing::info!(account = %grant.account_id, grant = %grant.id, "a device signed in");
                    Ok(tokens)
                }
                other => Err(poll_refusal(&other)),
            }
        }
        TokenRequest::RefreshToken {
            refresh_token,
            request_id,
        } => {
            let hash = sha256_of(&refresh_token);
            let refreshed = app.store.refresh_grant(&hash, hashes, request_id, now);
            renewed(&refreshed.await?)?;
            Ok(tokens)
        }
        TokenRequest::SetupToken {
            setup_token,
            machine,
            system,
        } => {
            app.rates.device.take_or_refuse(&address, now)?;
            let machine = SetupMachine {
                token_hash: sha256_of(&setup_token),
                machine: shown(&machine),
                system: shown(&system),
                address,
            };
            let grant = app.store.use_setup_token(machine, hashes, now).await?;
            let grant = grant.ok_or_else(|| {
                Refused::oauth(
                    "invalid_grant",
                    "The setup token is unknown, was used before, or has ended. Make a new one on the Download Runner page.",
                )
            })?;
            tracing::info!(account = %grant.account_id, grant = %grant.id, "a machine signed in with a setup token");
            Ok(tokens)
        }
    }
}

/// Whether the new tokens may be handed out.
fn renewed(refreshed: &Refreshed) -> Result<(), Refused> {
    match refreshed {
        Refreshed::Renewed(_) => {
            failpoints::reached("coordinator.tokens.rotated");
            Ok(())
        }
        Refreshed::Repeated => Err(answered_before().into()),
        Refreshed::Reused => {
            tracing::warn!("a refresh token was used twice; its device is signed out");
            Err(Refused::oauth(
                "invalid_grant",
                "The refresh token was used before. The device is signed out, since somebody else may hold a copy.",
            ))
        }
        Refreshed::Invalid => Err(Refused::oauth(
            "invalid_grant",
            "The refresh token is unknown, has ended, or was taken back. Sign in again.",
        )),
    }
}

/// What the second one of two equal requests gets, should anybody hear it at all.
fn answered_before() -> ApiError {
    ApiError::new(
        ErrorCode::Unavailable,
        "This very request was answered before, so it gets no tokens.",
    )
    .hint("Ask again with another request id.")
}

fn poll_refusal(poll: &DevicePoll) -> Refused {
    match poll {
        DevicePoll::Pending => Refused::oauth(
            "authorization_pending",
            "Nobody has confirmed this device yet.",
        ),
        DevicePoll::SlowDown { .. } => Refused::oauth(
            "slow_down",
            "You ask too often. Wait 5 seconds longer between questions from now on.",
        ),
        DevicePoll::Denied => Refused::oauth("access_denied", "A person refused this device."),
        DevicePoll::Expired => Refused::oauth(
            "expired_token",
            "The code has expired. Start signing in again.",
        ),
        DevicePoll::Invalid | DevicePoll::Granted(_) => Refused::oauth(
            "invalid_grant",
            "The device code is unknown or was used before. Start signing in again.",
        ),
    }
}

fn client_of(client_id: &str) -> Result<ClientKind, Refused> {
    match client_id {
        "coord-runner" => Ok(ClientKind::Runner),
        "coord-cli" => Ok(ClientKind::CommandLine),
        _ => Err(Refused::oauth(
            "invalid_client",
            "The client id is not known here.",
        )),
    }
}

/// What a device says of itself, fit to be shown to the person who decides about it.
fn shown(text: &str) -> String {
    let is_deceptive = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.trim()
        .chars()
        .filter(|character| !is_deceptive(*character))
        .take(FACT_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_says_cannot_deceive_the_eye() {
        assert_eq!(shown(" ada's\u{202e} laptop\n\u{0} "), "ada's laptop");
        assert_eq!(shown(&"x".repeat(500)).len(), FACT_CHARS_MAX);
    }
}
