//! A new password for somebody who forgot theirs: a link by mail, or by hand where there is no mail.

use protocol::{
    api::{ResetConfirm, ResetLink, ResetRequest, Role, Surface},
    error::ErrorCode,
    ids::AccountId,
    limits::RESET_LIFE_MS,
};
use store::{Account, Actor, Audit, NewResetLink, Subject};

use super::password;
use crate::{
    app::App,
    auth::{Membership, Person, Secret, sha256_of},
    email,
    error::{ApiError, ApiResult},
    mail::Message,
    rights::Right,
};

/// Sends a link by mail, if there is such an account; the answer does not tell.
pub(crate) async fn request(app: &App, request: ResetRequest, address: String) -> ApiResult<()> {
    let now = app.now();
    app.rates.reset_address.take_or_refuse(&address, now)?;
    if !app.mail.is_configured() {
        return Err(
            ApiError::new(ErrorCode::Unavailable, "This coordinator cannot send mail.").hint(
                "Ask an admin of your workspace for a link with which you set a new password.",
            ),
        );
    }
    let Some(email) = email::parse(&request.email) else {
        return Ok(());
    };
    app.rates.reset_account.take_or_refuse(&email, now)?;
    let background = app.clone();
    // In the background, so that the time of the answer does not tell either.
    app.tasks.spawn(async move {
        if let Err(error) = send(&background, &email, address).await {
            tracing::error!(?error, "a link for a new password could not be sent");
        }
    });
    Ok(())
}

async fn send(app: &App, email: &str, address: String) -> ApiResult<()> {
    let Some(account) = app.store.account_by_email(email).await? else {
        return Ok(());
    };
    let actor = Actor {
        person: None,
        surface: Surface::Web,
        address: Some(address),
    };
    let link = keep(app, &account, true, actor).await?;
    let text = format!(
        "Somebody asked for a new password for {email} at {public}.\n\n\
         Set it within an hour, with this link:\n\n{link}\n\n\
         If that was not you, do nothing: the password stays as it is.\n",
        public = app.public_url,
        link = link.url,
    );
    app.mail.send(Message {
        to: account.email,
        subject: "A new password for Coord".to_owned(),
        text,
    })?;
    Ok(())
}

/// Sets the password with the token of a link.
pub(crate) async fn confirm(app: &App, request: ResetConfirm, address: &str) -> ApiResult<()> {
    let now = app.now();
    app.rates.link.take_or_refuse(address, now)?;
    let token_hash = sha256_of(&request.token);
    // Before the costly hash is made.
    if !app.store.reset_link_works(&token_hash, now).await? {
        return Err(link_invalid());
    }
    password::checked(&request.password)?;
    let hash = password::hash(app, &request.password).await?;
    let actor = Actor {
        person: None,
        surface: Surface::Web,
        address: Some(address.to_owned()),
    };
    let account = app
        .store
        .use_reset_link(token_hash, hash, actor, app.now())
        .await?
        .ok_or_else(link_invalid)?;
    app.rates.link.give_back(address);
    tracing::info!(account = %account.id, "set a new password with a link");
    Ok(())
}

/// A link that an admin hands over, where no mail is configured.
///
/// Whoever holds it can be that person everywhere. So the admin has to stand above
/// the person in every workspace to which the person belongs.
pub(crate) async fn link(
    app: &App,
    person: &Person,
    member: &Membership,
    account_id: AccountId,
) -> ApiResult<ResetLink> {
    member.require(Right::ManageMembers)?;
    let places = app
        .store
        .places_beside(account_id, person.account.id)
        .await?;
    let workspace_id = member.0.workspace.id;
    if !places
        .iter()
        .any(|place| place.workspace_id == workspace_id)
    {
        return Err(ApiError::not_found("member"));
    }
    if app.mail.is_configured() {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "Links for a new password go by mail here.",
        )
        .hint("Let the person choose `Forgot password` where they sign in."));
    }
    if !places
        .iter()
        .all(|place| stands_above(place.beside, place.role))
    {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "This person is your equal, or belongs to a workspace in which you are no admin.",
        )
        .hint("Somebody who stands above them in all their workspaces can make the link."));
    }
    let account = app
        .store
        .account(account_id)
        .await?
        .ok_or_else(|| ApiError::not_found("member"))?;
    keep(app, &account, false, person.actor()).await
}

/// Whether somebody with the first role may set the password of somebody with the second.
const fn stands_above(own: Option<Role>, theirs: Role) -> bool {
    match own {
        Some(Role::Owner) => !matches!(theirs, Role::Owner),
        Some(Role::Admin) => matches!(theirs, Role::Member | Role::Viewer),
        Some(Role::Member | Role::Viewer) | None => false,
    }
}

async fn keep(app: &App, account: &Account, mailed: bool, actor: Actor) -> ApiResult<ResetLink> {
    let (secret, now) = (Secret::new(""), app.now());
    let expires_at = now.plus_millis(RESET_LIFE_MS);
    let new = NewResetLink {
        token_hash: secret.sha256(),
        account_id: account.id,
        mailed,
        expires_at,
    };
    let subject = Subject::new("account", account.id, &account.name);
    let line = Audit::of_account(account.id, actor, "account.reset_link_made", subject)
        .detail("by_mail", mailed);
    app.store.create_reset_link(new, line, now).await?;
    Ok(ResetLink {
        url: format!("{}/reset#{}", app.public_url, secret.reveal()),
        expires_at,
    })
}

fn link_invalid() -> ApiError {
    ApiError::new(
        ErrorCode::LinkInvalid,
        "This link is unknown, has been used, or has expired.",
    )
    .hint("Ask for a new one.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_only_for_somebody_below() {
        let roles = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
        for own in roles {
            for theirs in roles {
                let may = matches!(
                    (own, theirs),
                    (Role::Owner, Role::Admin | Role::Member | Role::Viewer)
                        | (Role::Admin, Role::Member | Role::Viewer)
                );
                assert_eq!(stands_above(Some(own), theirs), may, "{own:?} {theirs:?}");
            }
        }
        assert!(!stands_above(None, Role::Viewer));
    }
}
