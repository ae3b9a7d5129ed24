//! The person's side of a device code.

use protocol::{
    api::{DeviceConfirmRequest, DeviceDecision, DeviceFacts},
    error::ErrorCode,
};
use store::{Audit, DeviceCode, DeviceDecided, DeviceState, Subject};

use super::UserCode;
use crate::{
    app::App,
    auth::{self, Person},
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
        password_needed: !auth::is_fresh(app, person),
    })
}

/// Writes down what the person decides about the device.
///
/// Signing a device in needs a sign-in that is fresh, or the password again; refusing one does not.
pub(crate) async fn decide_device(
    app: &App,
    person: &Person,
    user_code: &str,
    request: DeviceConfirmRequest,
) -> ApiResult<()> {
    let code = find(app, person, user_code).await?;
    if request.decision == DeviceDecision::Confirm {
        auth::confirm(app, person, request.password.as_deref()).await?;
    }
    let line = (request.decision == DeviceDecision::Confirm).then(|| {
        let subject = Subject::new("device", &code.user_code, &code.machine);
        Audit::of_account(
            person.account.id,
            person.actor(),
            "device.confirmed",
            subject,
        )
        .detail("system", &code.system)
        .detail("address", &code.address)
    });
    let decided = app
        .store
        .decide_device_code(
            &code.user_code,
            person.account.id,
            request.decision,
            line,
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
