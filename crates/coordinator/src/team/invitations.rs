//! Invitations: made, sent again, taken back, looked at and accepted.

use protocol::{
    api::{
        InvitationAccepted, InvitationFacts, InvitationList, InvitationMade, InvitationState,
        InvitationView, NewInvitation, Role,
    },
    error::ErrorCode,
    ids::InvitationId,
    limits::INVITATION_LIFE_MS,
};
use store::{InvitationAccepted as Accepted, InvitationCreated, InvitationRenewed};

use super::{changed, conflict, invalid, joined, mail};
use crate::{
    app::App,
    auth::{Membership, Person, Secret, sha256_of},
    email,
    error::{ApiError, ApiResult},
    rights::Right,
};

/// Most invitations that wait in a workspace at once.
const OPEN_MAX: u32 = 100;
/// What the token of an invitation begins with.
const TOKEN_PREFIX: &str = "coi_";

/// Those that wait or have lately ended.
pub(crate) async fn list(app: &App, reader: &Membership) -> ApiResult<InvitationList> {
    reader.require(Right::ManageMembers)?;
    let now = app.store.now(app.now()).await?;
    let invitations = app.store.invitations(reader.0.workspace.id, now).await?;
    Ok(InvitationList { invitations })
}

/// Invites somebody; the link is mailed where that is possible, and shown this once.
pub(crate) async fn invite(
    app: &App,
    person: &Person,
    reader: &Membership,
    new: NewInvitation,
) -> ApiResult<InvitationMade> {
    reader.require(Right::ManageMembers)?;
    if new.role == Role::Owner {
        return Err(invalid("A workspace has one owner, who is not invited.")
            .hint("Invite them as an admin, and give them the workspace afterwards."));
    }
    let email = email::parse(&new.email).ok_or_else(|| {
        invalid("This is no e-mail address.").hint("Write one like name@example.com.")
    })?;
    let now = app.store.now(app.now()).await?;
    let token = Secret::new(TOKEN_PREFIX);
    let row = store::NewInvitation {
        workspace_id: reader.0.workspace.id,
        email,
        role: new.role,
        token_hash: token.sha256(),
        invited_by: person.account.id,
        expires_at: now.plus_millis(INVITATION_LIFE_MS),
        open_max: OPEN_MAX,
    };
    match app
        .store
        .create_invitation(row, person.actor(), now)
        .await?
    {
        InvitationCreated::Done(view) => Ok(made(app, person, reader, *view, token)),
        InvitationCreated::AlreadyMember => Err(conflict("They are a member already.")),
        InvitationCreated::AlreadyInvited => Err(conflict("They are invited already.")
            .hint("Send the invitation again, or take it back first.")),
        InvitationCreated::TooMany => Err(ApiError::new(
            ErrorCode::LimitReached,
            format!("{OPEN_MAX} invitations wait already."),
        )
        .hint("Take back those that are not needed.")),
    }
}

/// Sends an invitation again, with a new link; the old one is dead.
pub(crate) async fn resend(
    app: &App,
    person: &Person,
    reader: &Membership,
    id: InvitationId,
) -> ApiResult<InvitationMade> {
    reader.require(Right::ManageMembers)?;
    let now = app.store.now(app.now()).await?;
    let token = Secret::new(TOKEN_PREFIX);
    let expires_at = now.plus_millis(INVITATION_LIFE_MS);
    let workspace = reader.0.workspace.id;
    let (hash, actor) = (token.sha256(), person.actor());
    let renewed = app
        .store
        .renew_invitation(workspace, id, hash, expires_at, actor, now)
        .await?;
    let view = still_open(renewed)?;
    Ok(made(app, person, reader, view, token))
}

/// Takes an invitation back.
pub(crate) async fn revoke(
    app: &App,
    person: &Person,
    reader: &Membership,
    id: InvitationId,
) -> ApiResult<()> {
    reader.require(Right::ManageMembers)?;
    let now = app.store.now(app.now()).await?;
    let workspace = reader.0.workspace.id;
    let revoked = app
        .store
        .revoke_invitation(workspace, id, person.actor(), now)
        .await?;
    still_open(revoked)?;
    changed(app, workspace);
    Ok(())
}

/// What anybody who has the link may know.
pub(crate) async fn facts(app: &App, token: &str) -> ApiResult<InvitationFacts> {
    let now = app.store.now(app.now()).await?;
    let facts = app.store.invitation_facts(&sha256_of(token), now).await?;
    facts.ok_or_else(unknown)
}

/// Accepts an invitation for the person, who has its e-mail address.
pub(crate) async fn accept(
    app: &App,
    person: &Person,
    token: &str,
) -> ApiResult<InvitationAccepted> {
    let now = app.store.now(app.now()).await?;
    let (hash, who) = (sha256_of(token), person.account.person());
    let accepted = app
        .store
        .accept_invitation(&hash, who, person.actor(), now)
        .await?;
    match accepted {
        Accepted::Done(workspace) => {
            joined(app, workspace.id);
            Ok(InvitationAccepted { workspace })
        }
        Accepted::ForSomebodyElse(email) => Err(ApiError::new(
            ErrorCode::Forbidden,
            format!("This invitation is for {email}, and you are signed in with another address."),
        )
        .hint("Sign out, and open the link again.")),
        Accepted::Over(state) => Err(over(state)),
        Accepted::Unknown => Err(unknown()),
    }
}

fn made(
    app: &App,
    person: &Person,
    reader: &Membership,
    invitation: InvitationView,
    token: Secret,
) -> InvitationMade {
    // After the `#`, so that no server and no referrer ever sees the token.
    let url = format!("{}/invite#{}", app.public_url, token.reveal());
    let message = mail::invitation(
        &person.account.name,
        &reader.0.workspace.name,
        &invitation,
        &url,
    );
    let mailed = app.mail.is_configured()
        && match app.mail.send(message) {
            Ok(()) => true,
            Err(error) => {
                // The link stands in the answer, so the invitation is good all the same.
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "an invitation was not mailed"
                );
                false
            }
        };
    changed(app, reader.0.workspace.id);
    InvitationMade {
        invitation,
        url,
        mailed,
    }
}

fn still_open(renewed: InvitationRenewed) -> ApiResult<InvitationView> {
    match renewed {
        InvitationRenewed::Done(view) => Ok(*view),
        InvitationRenewed::Over(InvitationState::Accepted) => {
            Err(conflict("The invitation has been accepted."))
        }
        InvitationRenewed::Over(_) => {
            Err(conflict("The invitation has been taken back already.").hint("Invite them anew."))
        }
        InvitationRenewed::Unknown => Err(ApiError::not_found("invitation")),
    }
}

/// The refusal of an invitation that cannot be accepted any more.
pub(crate) fn over(state: InvitationState) -> ApiError {
    let message = match state {
        InvitationState::Accepted => "This invitation has been accepted before.",
        InvitationState::Revoked => "This invitation has been taken back.",
        InvitationState::Expired | InvitationState::Pending => "This invitation has expired.",
    };
    ApiError::new(ErrorCode::LinkInvalid, message).hint("Ask for a new invitation.")
}

/// The refusal of a link that stands for no invitation.
pub(crate) fn unknown() -> ApiError {
    ApiError::new(
        ErrorCode::LinkInvalid,
        "There is no such invitation; a newer one may have taken its place.",
    )
    .hint("Look for the newest mail, or ask for a new invitation.")
}
