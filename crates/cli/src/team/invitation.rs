//! `coord invite`

use protocol::api::{InvitationMade, InvitationState, InvitationView, NewInvitation};

use super::role_word;
use crate::{
    answers::pick,
    arguments::{InviteArguments, InviteCommand},
    client::Client,
    context::Context,
    exit::Done,
    format,
    output::Table,
};

/// Does what was asked.
pub(crate) async fn run(context: &Context, arguments: InviteArguments) -> Done {
    let client = Client::signed_in(context, arguments.at.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.at.workspace.as_deref()).await?;
    match arguments.command {
        InviteCommand::Send { email, role } => {
            let new = NewInvitation {
                email,
                role: role.into(),
            };
            let made = client.invite(&workspace, &new).await?;
            context.output.result(&made, || said(&made))
        }
        InviteCommand::List => {
            let list = client.invitations(&workspace).await?;
            context.output.result(&list, || table(&list.invitations))
        }
        InviteCommand::Resend { id } => {
            let known = client.invitations(&workspace).await?.invitations;
            let invitation = pick(&known, |view| view.id, &id, "invitation")?;
            let made = client.resend(&workspace, invitation.id).await?;
            context.output.result(&made, || said(&made))
        }
        InviteCommand::Revoke { id } => {
            let known = client.invitations(&workspace).await?.invitations;
            let invitation = pick(&known, |view| view.id, &id, "invitation")?;
            client.revoke_invitation(&workspace, invitation.id).await?;
            context.output.result(invitation, || {
                format!("Taken back: {}", format::printable(&invitation.email))
            })
        }
    }
}

fn said(made: &InvitationMade) -> String {
    let to = format::printable(&made.invitation.email);
    if made.mailed {
        format!(
            "A mail to {to} is on its way. The link, should it not arrive:\n{}",
            made.url
        )
    } else {
        format!("Hand this link to {to}; it works for 7 days:\n{}", made.url)
    }
}

const fn state_word(state: InvitationState) -> &'static str {
    match state {
        InvitationState::Pending => "pending",
        InvitationState::Accepted => "accepted",
        InvitationState::Revoked => "revoked",
        InvitationState::Expired => "expired",
    }
}

fn table(invitations: &[InvitationView]) -> String {
    let now = format::now();
    let mut table = Table::new(&["ID", "E-MAIL", "ROLE", "STATE", "BY", "MADE"]);
    for invitation in invitations {
        table.row(vec![
            invitation.id.to_string(),
            format::short(&invitation.email, 40),
            role_word(invitation.role).to_owned(),
            state_word(invitation.state).to_owned(),
            format::short(&invitation.invited_by.name, 24),
            format::ago(invitation.created_at, now),
        ]);
    }
    table.or("No invitations.")
}
