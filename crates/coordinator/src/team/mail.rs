//! What mails about a workspace say.

use protocol::api::InvitationView;

use crate::mail::Message;

/// The mail with the link of an invitation.
pub(super) fn invitation(
    inviter: &str,
    workspace: &str,
    invitation: &InvitationView,
    url: &str,
) -> Message {
    let role = invitation.role.as_str();
    Message {
        to: invitation.email.clone(),
        // Both names are one line, as is checked where they are given.
        subject: format!("{inviter} invites you to {workspace}"),
        text: format!(
            "{inviter} invites you to the workspace {workspace} as {role}.\n\n\
             Open this link to accept. It works for 7 days, and only for {}.\n\n{url}\n\n\
             If you do not know {inviter}, ignore this mail.\n",
            invitation.email
        ),
    }
}
