//! Sessions of browsers: a random cookie, kept as a hash, renewed at each sign-in.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::CookieJar;
use protocol::{
    api::{SignInRequest, Surface},
    error::ErrorCode,
    time::Timestamp,
};
use store::{Account, Actor, Audit, NewSession, Subject};

use super::{Secret, browser::browser_of, caller, sha256_of};
use crate::{
    app::App,
    error::{ApiError, ApiResult},
    metrics,
};

/// Name of the cookie that holds a session.
const SESSION_COOKIE: &str = "coord_session";
/// How exactly it is noted that a session is in use, in milliseconds.
const SEEN_EVERY_MS: u64 = 60_000;

/// Somebody who has just signed in.
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) account: Account,
    /// Goes into `set-cookie`.
    pub(crate) cookie: HeaderValue,
}

/// Checks a password, and begins a session that replaces the one before it.
pub(crate) async fn sign_in(
    app: &App,
    request: SignInRequest,
    address: &str,
    headers: &HeaderMap,
) -> ApiResult<SignedIn> {
    let account = check_password(app, &request.email, &request.password, address).await?;
    begin(app, account, "password", address, headers).await
}

/// Begins a session for somebody who has just shown who they are; it replaces the one before it.
pub(crate) async fn begin(
    app: &App,
    account: Account,
    shown_by: &'static str,
    address: &str,
    headers: &HeaderMap,
) -> ApiResult<SignedIn> {
    if let Some(old) = current(app, headers).await? {
        app.store.end_session(old.id).await?;
    }
    let (secret, now) = (Secret::new(""), app.now());
    let new = NewSession {
        account_id: account.id,
        token_hash: secret.sha256(),
        browser: browser_of(headers),
        address: address.to_owned(),
        expires_at: after_s(now, app.config.sign_in.session_life_s.get()),
    };
    let actor = Actor {
        person: Some(account.person()),
        surface: Surface::Web,
        address: Some(address.to_owned()),
    };
    let subject = Subject::new("account", account.id, &account.name);
    let line = Audit::of_account(account.id, actor, "account.signed_in", subject)
        .detail("by", shown_by)
        .detail("browser", &new.browser);
    app.store.create_session(new, line, now).await?;
    tracing::info!(account = %account.id, "signed in");
    Ok(SignedIn {
        account,
        cookie: set_cookie(
            app,
            &secret.reveal(),
            app.config.sign_in.session_life_s.get(),
        )?,
    })
}

/// Ends what the request carries, if anything: a device's grant, or a browser's session.
pub(crate) async fn sign_out(app: &App, headers: &HeaderMap) -> ApiResult<()> {
    if let Some(bearer) = caller::bearer(app, headers).await? {
        // A registered runner signs out by its own call, which also ends its attempts.
        if bearer.grant.runner_id.is_none() {
            app.store.revoke_grant(bearer.grant.id, app.now()).await?;
        }
        return Ok(());
    }
    if let Some(session) = current(app, headers).await? {
        app.store.end_session(session.id).await?;
    }
    Ok(())
}

/// The account of this e-mail address, if the password is its.
///
/// Whether the address is known shows neither in the answer nor in its time.
pub(crate) async fn check_password(
    app: &App,
    email: &str,
    password: &str,
    address: &str,
) -> ApiResult<Account> {
    let (email, now) = (email.trim().to_lowercase(), app.now());
    app.rates.account.take_or_refuse(&email, now)?;
    app.rates.address.take_or_refuse(address, now)?;
    let account = app.store.account_by_email(&email).await?;
    let kept = account
        .as_ref()
        .and_then(|account| account.password_hash.clone());
    let matches = app
        .passwords
        .matches(password, kept)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    match account {
        Some(account) if matches => {
            app.rates.account.give_back(&email);
            app.rates.address.give_back(address);
            metrics::signed_in("ok");
            Ok(account)
        }
        Some(_) | None => {
            metrics::signed_in("refused");
            Err(refusal(app).await?)
        }
    }
}

async fn refusal(app: &App) -> ApiResult<ApiError> {
    Ok(if app.store.is_bootstrapped().await? {
        ApiError::new(
            ErrorCode::WrongCredentials,
            "E-mail address or password is wrong.",
        )
        .hint("Check both and try again.")
    } else {
        not_bootstrapped()
    })
}

/// The refusal of whoever comes before the first owner.
pub(crate) fn not_bootstrapped() -> ApiError {
    ApiError::new(
        ErrorCode::NotBootstrapped,
        "This coordinator has no owner yet.",
    )
    .hint("Run `coord server bootstrap` on its machine first.")
}

/// The session that the request's cookie stands for.
pub(crate) async fn current(app: &App, headers: &HeaderMap) -> ApiResult<Option<store::Session>> {
    let Some(token) = session_token(app, headers) else {
        return Ok(None);
    };
    let now = app.now();
    let Some(session) = app.store.session(&sha256_of(&token), now).await? else {
        return Ok(None);
    };
    let silent_ms = now.millis_since(session.last_seen_at);
    if silent_ms
        >= app
            .config
            .sign_in
            .session_idle_s
            .get()
            .saturating_mul(1_000)
    {
        app.store.end_session(session.id).await?;
        return Ok(None);
    }
    if silent_ms >= SEEN_EVERY_MS {
        app.store.session_seen(session.id, now).await?;
    }
    Ok(Some(session))
}

/// The value of the session cookie.
pub(crate) fn session_token(app: &App, headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(&cookie_name(app, SESSION_COOKIE))
        .map(|cookie| cookie.value().to_owned())
}

/// Takes the session cookie away from the browser.
pub(crate) fn clear_cookie(app: &App) -> ApiResult<HeaderValue> {
    set_cookie(app, "", 0)
}

/// The moment so many seconds after `now`.
pub(crate) fn after_s(now: Timestamp, seconds: u64) -> Timestamp {
    now.plus_millis(seconds.saturating_mul(1_000))
}

fn is_https(app: &App) -> bool {
    app.public_url.starts_with("https://")
}

/// A cookie's name here; the `__Host-` prefix keeps other hosts of the domain from setting it, and needs https.
pub(crate) fn cookie_name(app: &App, name: &str) -> String {
    let prefix = if is_https(app) { "__Host-" } else { "" };
    format!("{prefix}{name}")
}

fn set_cookie(app: &App, value: &str, life_s: u64) -> ApiResult<HeaderValue> {
    cookie(app, SESSION_COOKIE, value, life_s)
}

/// A cookie that only this coordinator reads.
pub(crate) fn cookie(app: &App, name: &str, value: &str, life_s: u64) -> ApiResult<HeaderValue> {
    // Written by hand, since the parts are ours and the value needs no quoting.
    let name = cookie_name(app, name);
    let secure = if is_https(app) { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life_s}{secure}");
    HeaderValue::from_str(&cookie).map_err(|error| ApiError::internal(&error))
}
