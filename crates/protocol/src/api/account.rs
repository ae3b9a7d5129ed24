//! Accounts, sign-in and workspaces.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{AccountId, WorkspaceId};

/// What anybody may know of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instance {
    /// Always `coord`, so that a client knows what it talks to.
    pub product: String,
    /// Version of the coordinator.
    pub version: String,
    /// Whether the first owner exists.
    pub bootstrapped: bool,
    /// Whether anybody may make an account, without an invitation.
    pub open_sign_up: bool,
    /// Whether the coordinator can send mail.
    pub mail: bool,
    /// The identity provider's name for the button, where one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
}

/// A person, as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonRef {
    /// The account.
    pub id: AccountId,
    /// The name that others see.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// What a member may do in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// All rights; exactly one.
    Owner,
    /// Members, settings, every job, every runner.
    Admin,
    /// Creates jobs, uses and shares their own runners.
    Member,
    /// Reads.
    Viewer,
}

impl Role {
    /// Every role, the most powerful first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// The word that stands for it everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }
}

/// A workspace, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceRef {
    /// Which.
    pub id: WorkspaceId,
    /// Its name in addresses and on the command line: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A workspace, as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    /// Which.
    pub id: WorkspaceId,
    /// Its name in addresses and on the command line.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What the reader may do in it.
    pub role: Role,
    /// What agents are told with every job; none where nothing is set, and in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_rules: Option<String>,
}

/// Signs in with a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignInRequest {
    /// The e-mail address.
    pub email: String,
    /// The password.
    #[schema(format = Password)]
    pub password: String,
}

impl std::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInRequest")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// Who is signed in, and where they belong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The account.
    pub account: PersonRef,
    /// The workspaces, by name.
    pub workspaces: Vec<Workspace>,
}
