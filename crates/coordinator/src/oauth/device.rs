//! The person's side of a device code.

use protocol::{
    api::{DeviceConfirmRequest, DeviceDecision, DeviceFacts},
    error::ErrorCode,
};
use store::{DeviceCode, DeviceDecided, DeviceState};

use super::UserCode;
use crate::{
    app::App,
    auth::{self, Person, after_s},
    error::{ApiError, ApiResult},
};

/// What asks to be signed in under this code.
pub(crate) async fn device_facts(
    app: &App,
    person: &Person,
    user_code: &str,
) -> ApiResult<DeviceFacts> {
    let code = find(app, person, user_code).await?;
    Ok(DeviceFacts {
        user_code: code.user_code,
        client: code.client,
        machine: code.machine,
        system: code.system,
        address: code.address,
        asked_at: code.created_at,
        expires_at: code.expires_at,
        password_needed: !is_fresh(app, person),
    })
}

/// Writes down what the person decides about the device.
///
/// Signing a device in needs a sign-in that is fresh, or the password again; refusing one does not.
pub(crate) async fn decide_device(
    app: &App,
    person: &Person,
    address: &str,
    user_code: &str,
    request: DeviceConfirmRequest,
) -> ApiResult<()> {
    let code = find(app, person, user_code).await?;
    if request.decision == DeviceDecision::Confirm {
        confirm_person(app, person, address, request.password.as_deref()).await?;
    }
    let decided = app
        .store
        .decide_device_code(
            &code.user_code,
            person.account.id,
            request.decision,
            app.now(),
        )
        .await?;
    match decided {
        DeviceDecided::Done => {
            tracing::info!(account = %person.account.id, decision = ?request.decision, "decided about a device");
            Ok(())
        }
        DeviceDecided::Invalid => Err(invalid()),
    }
}

async fn confirm_person(
    app: &App,
    person: &Person,
    address: &str,
    password: Option<&str>,
) -> ApiResult<()> {
    match (password, is_fresh(app, person)) {
        (_, true) => Ok(()),
        (None, false) => Err(ApiError::new(
            ErrorCode::ConfirmationRequired,
            "Signing a device in needs your password again.",
        )
        .hint("Send the password along.")),
        (Some(password), false) => {
            auth::check_password(app, &person.account.email, password, address).await?;
            if let Some(session) = &person.session {
                app.store
                    .session_authenticated(session.id, app.now())
                    .await?;
            }
            Ok(())
        }
    }
}

/// Whether the password was given lately in this session.
fn is_fresh(app: &App, person: &Person) -> bool {
    person.session.as_ref().is_some_and(|session| {
        app.now() < after_s(session.authenticated_at, app.config.sign_in.fresh_s.get())
    })
}

/// The code that still waits for a decision; guesses are counted.
async fn find(app: &App, person: &Person, user_code: &str) -> ApiResult<DeviceCode> {
    let (key, now) = (person.account.id.to_string(), app.now());
    app.rates.user_code.take_or_refuse(&key, now)?;
    let user_code = UserCode::parse(user_code).ok_or_else(invalid)?;
    let code = app
        .store
        .device_code(user_code.as_str(), now)
        .await?
        .filter(|code| code.state == DeviceState::Pending)
        .ok_or_else(invalid)?;
    app.rates.user_code.give_back(&key);
    Ok(code)
}

fn invalid() -> ApiError {
    ApiError::new(
        ErrorCode::DeviceCodeInvalid,
        "This code is unknown, has been used, or has expired.",
    )
    .hint("Check it against the device, or start signing in there again.")
}
