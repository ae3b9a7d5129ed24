//! A sign-in's way to the provider and back.

use axum::http::HeaderMap;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, Scope, SubjectIdentifier, TokenResponse as _,
    core::{
        CoreAuthenticationFlow, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreTokenResponse, CoreUserInfoClaims,
    },
};
use protocol::{api::Surface, error::ErrorCode, limits::NAME_CHARS_MAX};
use store::{Actor, Identity, IdentityFound, ProviderSignIn};

use super::{
    call,
    provider::{Client, Provider, failed},
};
use crate::{
    account,
    app::App,
    auth::{self, Secret, SignedIn, after_s, sha256_of},
    email,
    error::{ApiError, ApiResult},
};

/// How long somebody may take at the provider.
const AWAY_S: u64 = 10 * 60;
/// Longest address within the app.
const NEXT_CHARS_MAX: usize = 1_000;

/// Where the browser goes, and the secret with which it comes back.
pub(crate) struct Departure {
    /// The provider's page.
    pub(crate) url: String,
    /// Goes into the browser's cookie.
    pub(crate) secret: String,
    /// How long the cookie lives, in seconds.
    pub(crate) life_s: u64,
}

/// What the provider sends along when the browser comes back.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Somebody who came back and is signed in.
pub(crate) struct Arrived {
    /// Who, with the session's cookie.
    pub(crate) signed_in: SignedIn,
    /// Where in the app they wanted to be.
    pub(crate) next: String,
}

/// Sends a browser to the provider.
pub(crate) async fn depart(app: &App, next: Option<&str>, address: &str) -> ApiResult<Departure> {
    let now = app.now();
    app.rates.provider.take_or_refuse(address, now)?;
    let provider = provider(app)?;
    if !app.store.is_bootstrapped().await? {
        return Err(auth::not_bootstrapped());
    }
    let metadata = provider.metadata(false).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = provider
        .client(&metadata)
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let secret = Secret::new("");
    let under_way = ProviderSignIn {
        browser_hash: secret.sha256(),
        state: state.into_secret(),
        nonce: nonce.secret().clone(),
        pkce_verifier: verifier.into_secret(),
        next: within_the_app(next.unwrap_or("/")),
        expires_at: after_s(now, AWAY_S),
    };
    app.store.begin_provider_sign_in(under_way, now).await?;
    Ok(Departure {
        url: url.into(),
        secret: secret.reveal(),
        life_s: AWAY_S,
    })
}

/// Signs in a browser that comes back from the provider.
pub(crate) async fn arrive(
    app: &App,
    returned: Returned,
    secret: Option<&str>,
    address: &str,
    headers: &HeaderMap,
) -> ApiResult<Arrived> {
    let provider = provider(app)?;
    let under_way = match secret {
        None => None,
        Some(secret) => {
            let hash = sha256_of(secret);
            app.store.end_provider_sign_in(hash, app.now()).await?
        }
    };
    // Hashes are compared, so that the time tells nothing of the state.
    let belongs = |under_way: &ProviderSignIn| {
        let state = returned.state.as_deref().unwrap_or_default();
        sha256_of(state) == sha256_of(&under_way.state)
    };
    let under_way = under_way.filter(belongs).ok_or_else(not_ours)?;
    if let Some(error) = &returned.error {
        tracing::info!(error, "the identity provider refused a sign-in");
        return Err(ApiError::new(
            ErrorCode::ProviderFailed,
            "The identity provider did not let you in.",
        )
        .hint("Try again, or sign in with a password."));
    }
    let code = returned.code.ok_or_else(not_ours)?;
    let identity = identity_of(provider, code, &under_way).await?;
    let actor = Actor {
        person: None,
        surface: Surface::Web,
        address: Some(address.to_owned()),
    };
    let found = app
        .store
        .account_of_identity(identity, actor, app.now())
        .await?;
    let account = match found {
        IdentityFound::Account(account) => account,
        IdentityFound::EmailTaken => return Err(email_taken()),
        IdentityFound::SignUpClosed => return Err(account::closed()),
        IdentityFound::NoEmail => return Err(no_email()),
    };
    let signed_in = auth::begin(app, account, "provider", address, headers).await?;
    Ok(Arrived {
        signed_in,
        next: under_way.next,
    })
}

/// Trades the code, checks every claim, and says for whom the provider vouches.
async fn identity_of(
    provider: &Provider,
    code: String,
    under_way: &ProviderSignIn,
) -> ApiResult<Identity> {
    let metadata = provider.metadata(false).await?;
    let client = provider.client(&metadata);
    let sender = call::sender(&provider.http);
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|error| failed("it names no address for tokens", &error))?
        .set_pkce_verifier(PkceCodeVerifier::new(under_way.pkce_verifier.clone()))
        .request_async(&sender)
        .await
        .map_err(|error| failed("it did not take the code", &error))?;
    let nonce = Nonce::new(under_way.nonce.clone());
    let claims = if let Ok(claims) = claims_of(&client, &metadata, &tokens, &nonce) {
        claims
    } else {
        // It may have changed its keys since it was last asked for them.
        let metadata = provider.metadata(true).await?;
        let client = provider.client(&metadata);
        claims_of(&client, &metadata, &tokens, &nonce)?
    };
    let info = if claims.email().is_none() && client.user_info_url().is_some() {
        Some(user_info(&client, provider, &tokens, claims.subject()).await?)
    } else {
        None
    };
    Ok(identity(provider, &claims, info.as_ref()))
}

fn claims_of(
    client: &Client,
    metadata: &CoreProviderMetadata,
    tokens: &CoreTokenResponse,
    nonce: &Nonce,
) -> ApiResult<CoreIdTokenClaims> {
    let broken =
        |error: &(dyn std::error::Error + 'static)| failed("its identity token is not good", error);
    let token = tokens.id_token().ok_or_else(|| {
        ApiError::new(
            ErrorCode::ProviderFailed,
            "The identity provider sent no identity token.",
        )
    })?;
    let signed = metadata
        .id_token_signing_alg_values_supported()
        .iter()
        .filter(|algorithm| **algorithm != CoreJwsSigningAlgorithm::None)
        .cloned();
    let verifier = client.id_token_verifier().set_allowed_algs(signed);
    let claims = token
        .claims(&verifier, nonce)
        .map_err(|error| broken(&error))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| broken(&error))?;
        let key = token
            .signing_key(&verifier)
            .map_err(|error| broken(&error))?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|error| broken(&error))?;
        if actual != *expected {
            return Err(ApiError::new(
                ErrorCode::ProviderFailed,
                "The identity provider's tokens do not belong together.",
            ));
        }
    }
    Ok(claims.clone())
}

async fn user_info(
    client: &Client,
    provider: &Provider,
    tokens: &CoreTokenResponse,
    subject: &SubjectIdentifier,
) -> ApiResult<CoreUserInfoClaims> {
    let sender = call::sender(&provider.http);
    client
        .user_info(tokens.access_token().clone(), Some(subject.clone()))
        .map_err(|error| failed("it names no address for facts about people", &error))?
        .request_async(&sender)
        .await
        .map_err(|error| failed("it did not say who you are", &error))
}

fn identity(
    provider: &Provider,
    claims: &CoreIdTokenClaims,
    info: Option<&CoreUserInfoClaims>,
) -> Identity {
    let from_info = |claims: &CoreUserInfoClaims| {
        let email = claims.email().map(|email| email.as_str().to_owned());
        (email, claims.email_verified())
    };
    let from_token = || {
        let email = claims.email().map(|email| email.as_str().to_owned());
        (email, claims.email_verified())
    };
    let (address, verified) = info.map_or_else(from_token, from_info);
    let email = address.as_deref().and_then(email::parse);
    let said = info
        .and_then(CoreUserInfoClaims::name)
        .or_else(|| claims.name())
        .and_then(|name| name.get(None))
        .map(|name| name.as_str().to_owned());
    let fallback = || email.as_deref().map_or("", email::name_of).to_owned();
    let name: String = said
        .unwrap_or_else(fallback)
        .chars()
        .filter(|character| !character.is_control())
        .take(NAME_CHARS_MAX)
        .collect();
    Identity {
        issuer: provider.issuer(),
        subject: claims.subject().as_str().to_owned(),
        is_email_verified: email.is_some() && verified == Some(true),
        email,
        name,
        may_sign_up: provider.allow_sign_up,
    }
}

fn provider(app: &App) -> ApiResult<&Provider> {
    app.provider
        .as_ref()
        .ok_or_else(|| ApiError::not_found("way to sign in"))
}

/// An address within the app; anything else could lead people elsewhere.
fn within_the_app(next: &str) -> String {
    let is_within = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace())
        && next.is_ascii()
        && next.len() <= NEXT_CHARS_MAX;
    if is_within { next } else { "/" }.to_owned()
}

fn not_ours() -> ApiError {
    ApiError::new(
        ErrorCode::LinkInvalid,
        "This sign-in was not begun in this browser, or took too long.",
    )
    .hint("Begin signing in again.")
}

fn email_taken() -> ApiError {
    ApiError::new(
        ErrorCode::EmailTaken,
        "An account has your e-mail address, and it is not shown on both sides whose that is.",
    )
    .hint(
        "Sign in with the password. Setting a new one with a link by mail shows that the address \
         is yours; the identity provider has to say so as well.",
    )
}

fn no_email() -> ApiError {
    ApiError::new(
        ErrorCode::ProviderFailed,
        "The identity provider does not name your e-mail address.",
    )
    .hint("Its operator has to release it to this coordinator.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_out_of_the_app() {
        assert_eq!(within_the_app("/w/team?tab=all"), "/w/team?tab=all");
        for next in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "w/team",
            "/a\r\nset-cookie: x",
            "/ä",
            "",
        ] {
            assert_eq!(within_the_app(next), "/", "{next:?}");
        }
    }
}
