//! Workspaces, their members, and invitations to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::account::{PersonRef, Role, Workspace, WorkspaceRef},
    ids::{AccountId, InvitationId},
    time::Timestamp,
};

/// `POST /api/v1/workspaces`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewWorkspace {
    /// Its name.
    pub name: String,
    /// Its name in addresses; made from the name when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
}

/// `PATCH /api/v1/workspaces/{workspace}`: what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceUpdate {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its name in addresses; old addresses stop working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// What agents are told with every job; empty for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_rules: Option<String>,
}

/// `POST /api/v1/workspaces/{workspace}/delete`: with everything in it, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceDelete {
    /// The workspace's name, typed again.
    pub name: String,
}

/// A member of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    /// Who.
    pub person: PersonRef,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// How many runners they bring.
    pub runners: u32,
    /// Whether the reader may give them another role.
    pub can_change_role: bool,
    /// Whether the reader may take them out.
    pub can_remove: bool,
}

/// The members of a workspace, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberList {
    /// The members.
    pub members: Vec<MemberView>,
}

/// `PUT /api/v1/workspaces/{workspace}/members/{account}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleChange {
    /// The new role; not owner, which is transferred.
    pub role: Role,
}

/// `POST /api/v1/workspaces/{workspace}/transfer`: the former owner stays as an admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transfer {
    /// The member who becomes the owner.
    pub account_id: AccountId,
}

/// Whether an invitation can still be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It waits for its answer.
    Pending,
    /// It was accepted.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// An invitation, as the workspace's admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    /// Which.
    pub id: InvitationId,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited.
    pub invited_by: PersonRef,
    /// When it was made, or last sent again.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it can still be accepted.
    pub state: InvitationState,
}

/// Invitations of a workspace that wait or have lately ended, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationList {
    /// The invitations.
    pub invitations: Vec<InvitationView>,
}

/// `POST /api/v1/workspaces/{workspace}/invitations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// To whom.
    pub email: String,
    /// As what; not owner.
    pub role: Role,
}

/// An invitation that was just made or sent again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationMade {
    /// The invitation.
    pub invitation: InvitationView,
    /// The address at which it is accepted; shown this once, for handing over.
    pub url: String,
    /// Whether a mail with it is on its way.
    pub mailed: bool,
}

impl std::fmt::Debug for InvitationMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvitationMade")
            .field("invitation", &self.invitation)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/invitations/{token}`: what anybody who has the link may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationFacts {
    /// To which workspace.
    pub workspace: WorkspaceRef,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited, by name.
    pub invited_by: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it can still be accepted.
    pub state: InvitationState,
    /// Whether an account with that address exists, so that signing in comes before accepting.
    pub account_exists: bool,
}

/// `POST /api/v1/invitations/{token}/accept`, by somebody who is signed in: their new place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationAccepted {
    /// The workspace.
    pub workspace: Workspace,
}
