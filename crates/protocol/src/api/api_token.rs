//! Tokens for scripts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::account::WorkspaceRef,
    ids::{ApiTokenId, WorkspaceId},
    time::Timestamp,
};

/// What a token may be used for; never more than its account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// See everything that the account sees.
    Read,
    /// Submit, change and cancel jobs, and answer for them.
    Jobs,
    /// Manage runners.
    Runners,
    /// Manage members, invitations and workspaces.
    Members,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiTokenView {
    /// Which.
    pub id: ApiTokenId,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<TokenScope>,
    /// The only workspace that it reaches; every one of the account's when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceRef>,
    /// The secret's first characters, for recognising it.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// The tokens of an account, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiTokenList {
    /// The tokens.
    pub tokens: Vec<ApiTokenView>,
}

/// `POST /api/v1/account/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewApiToken {
    /// What it is for.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: Vec<TokenScope>,
    /// The only workspace that it reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// Its life, 1 to 366 days.
    pub expires_in_days: u32,
}

/// A new token; the secret is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiTokenMade {
    /// Goes into the Authorization header as `Bearer`.
    pub token: String,
    /// The rest.
    pub view: ApiTokenView,
}

impl std::fmt::Debug for ApiTokenMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiTokenMade")
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}
