//! Workspaces and their members.

use protocol::{
    api::{Role, Workspace, WorkspaceRef},
    ids::{AccountId, WorkspaceId},
};

use crate::{Error, Result, Store};

/// How a caller names a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceKey {
    /// By id.
    Id(WorkspaceId),
    /// By its name in addresses.
    Slug(String),
}

impl WorkspaceKey {
    /// Reads either from an address: what looks like an id is one.
    pub fn parse(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Slug(text.to_owned()), Self::Id)
    }
}

/// An account's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The workspace.
    pub workspace: WorkspaceRef,
    /// Who.
    pub account_id: AccountId,
    /// What they may do in it.
    pub role: Role,
}

impl Store {
    /// The account's place in a workspace; none when there is no such workspace or
    /// the account does not belong to it.
    pub async fn member(
        &self,
        workspace: &WorkspaceKey,
        account_id: AccountId,
    ) -> Result<Option<Member>> {
        let _ = (workspace, account_id);
        Err(Error::Closed)
    }

    /// The workspaces of an account, by name.
    pub async fn workspaces_of(&self, account_id: AccountId) -> Result<Vec<Workspace>> {
        let _ = account_id;
        Err(Error::Closed)
    }

    /// The ids of the workspaces of an account, for telling their members what changed.
    pub async fn workspace_ids_of(&self, account_id: AccountId) -> Result<Vec<WorkspaceId>> {
        let _ = account_id;
        Err(Error::Closed)
    }
}
