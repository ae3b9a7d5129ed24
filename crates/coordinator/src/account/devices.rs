//! Signing a device of the account out.

use protocol::ids::GrantId;
use store::{Audit, Subject};

use crate::{
    app::App,
    auth::Person,
    changes,
    error::{ApiError, ApiResult},
};

/// Signs a device out; a runner's attempts end, as when it signs out itself.
pub(crate) async fn revoke(app: &App, person: &Person, id: GrantId) -> ApiResult<()> {
    let (account_id, now) = (person.account.id, app.now());
    let device = app
        .store
        .devices_of(account_id, person.grant_id, now)
        .await?
        .into_iter()
        .find(|device| device.id == id)
        .ok_or_else(|| ApiError::not_found("device"))?;
    if let Some(runner) = &device.runner {
        let ended = app
            .store
            .sign_runner_out(runner.id, Some(person.actor()), now)
            .await?;
        for at in &ended {
            changes::attempt(app, *at);
        }
        changes::runner(app, account_id, runner.id).await?;
        if !ended.is_empty() {
            app.work_changed();
        }
    }
    let subject = Subject::new("device", id, &device.machine);
    let line = Audit::of_account(account_id, person.actor(), "device.signed_out", subject);
    app.store.revoke_device(id, line, now).await?;
    if let Some(runner) = device.runner {
        // Its parked sync ends, and the next one is refused.
        app.orders_for(runner.id);
    }
    Ok(())
}
