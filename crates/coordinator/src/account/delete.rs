//! The end of the person's account.

use protocol::{
    api::{AccountDelete, Change},
    error::ErrorCode,
};
use store::AccountDeleted;

use crate::{
    app::App,
    auth::{self, Person},
    changes,
    error::{ApiError, ApiResult},
};

/// Ends the account for good, once the person has shown that it is theirs and that they mean it.
pub(crate) async fn delete(app: &App, person: &Person, request: AccountDelete) -> ApiResult<()> {
    let account = &person.account;
    if request.email.trim().to_lowercase() != account.email {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "The e-mail address that was typed is not the account's.",
        )
        .hint("Type the account's own address, to show that you mean this account."));
    }
    match (&account.password_hash, request.password.as_deref()) {
        (Some(_), Some(password)) => auth::confirm_password(app, person, password).await?,
        (Some(_), None) => {
            return Err(ApiError::new(
                ErrorCode::ConfirmationRequired,
                "Deleting an account needs its password.",
            )
            .hint("Send the password along."));
        }
        (None, _) => auth::confirm(app, person, None).await?,
    }
    let runners = app.store.runner_ids_of(account.id).await?;
    let deleted = app
        .store
        .delete_account(account.id, person.actor(), app.now())
        .await?;
    match deleted {
        AccountDeleted::Done {
            workspaces,
            attempts,
        } => {
            tracing::info!(account = %account.id, "deleted the account");
            for at in &attempts {
                changes::attempt(app, *at);
            }
            for workspace in workspaces {
                app.live.publish(workspace, Change::Everything);
            }
            for runner_id in runners {
                app.orders_for(runner_id);
            }
            app.work_changed();
            Ok(())
        }
        AccountDeleted::OwnsWorkspaces(owned) => {
            let names: Vec<_> = owned.iter().map(|workspace| &*workspace.name).collect();
            Err(ApiError::new(
                ErrorCode::Conflict,
                format!(
                    "The account owns workspaces to which others belong: {}.",
                    names.join(", ")
                ),
            )
            .hint("Give each of them to another member, or delete it, first."))
        }
        AccountDeleted::Unknown => Err(ApiError::not_signed_in()),
    }
}
