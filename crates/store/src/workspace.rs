//! Workspaces, as their members see them.

mod change;
mod erase;

use protocol::{
    api::{Role, Workspace, WorkspaceRef},
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};

pub(crate) use change::delete;
pub use change::{NewWorkspace, WorkspaceCreated, WorkspaceDeleted, WorkspaceRenamed};
pub use erase::ErasableJob;

use crate::{
    Audit, Result, Store, audit,
    engine::{Row, sql},
};

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

/// Where an account belongs, beside another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceBeside {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// What the account may do in it.
    pub role: Role,
    /// What the other one may do in it; none where it does not belong.
    pub beside: Option<Role>,
}

impl Store {
    /// Everywhere that an account belongs, with the role that another one has there.
    pub async fn places_beside(
        &self,
        account_id: AccountId,
        beside: AccountId,
    ) -> Result<Vec<PlaceBeside>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT m.workspace_id, m.role, b.role AS beside
                 FROM members m
                 LEFT JOIN members b ON b.workspace_id = m.workspace_id AND b.account_id = $2
                 WHERE m.account_id = $1",
                account_id,
                beside
            ))
            .await?;
        rows.iter()
            .map(|row| {
                Ok(PlaceBeside {
                    workspace_id: row.parsed("workspace_id")?,
                    role: row.word("role")?,
                    beside: row.word_option("beside")?,
                })
            })
            .collect()
    }

    /// The account's place in a workspace; none when there is no such workspace or
    /// the account does not belong to it.
    pub async fn member(
        &self,
        workspace: &WorkspaceKey,
        account_id: AccountId,
    ) -> Result<Option<Member>> {
        let statement = match workspace {
            WorkspaceKey::Id(id) => sql!(
                "SELECT w.id, w.slug, w.name, m.account_id, m.role
                 FROM workspaces w JOIN members m ON m.workspace_id = w.id
                 WHERE w.id = $1 AND m.account_id = $2",
                *id,
                account_id
            ),
            WorkspaceKey::Slug(slug) => sql!(
                "SELECT w.id, w.slug, w.name, m.account_id, m.role
                 FROM workspaces w JOIN members m ON m.workspace_id = w.id
                 WHERE w.slug = $1 AND m.account_id = $2",
                slug,
                account_id
            ),
        };
        let mut conn = self.reader().await?;
        conn.one(statement)
            .await?
            .map(|row| {
                Ok(Member {
                    workspace: workspace_ref(&row)?,
                    account_id: row.parsed("account_id")?,
                    role: row.word("role")?,
                })
            })
            .transpose()
    }

    /// The workspaces of an account, by name.
    pub async fn workspaces_of(&self, account_id: AccountId) -> Result<Vec<Workspace>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT w.id, w.slug, w.name, m.role
                 FROM workspaces w JOIN members m ON m.workspace_id = w.id
                 WHERE m.account_id = $1 ORDER BY w.name, w.id",
                account_id
            ))
            .await?;
        rows.iter()
            .map(|row| {
                let WorkspaceRef { id, slug, name } = workspace_ref(row)?;
                Ok(Workspace {
                    id,
                    slug,
                    name,
                    role: row.word("role")?,
                    house_rules: None,
                })
            })
            .collect()
    }

    /// What agents are told with every job of the workspace.
    pub async fn house_rules(&self, id: WorkspaceId) -> Result<Option<String>> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!("SELECT house_rules FROM workspaces WHERE id = $1", id))
            .await?;
        row.map_or(Ok(None), |row| row.text_option("house_rules"))
    }

    /// Changes what agents are told with every job of the workspace; none for nothing.
    pub async fn set_house_rules(
        &self,
        id: WorkspaceId,
        rules: Option<String>,
        line: Audit,
        now: Timestamp,
    ) -> Result<()> {
        self.write((id, rules, line, now), |tx, (id, rules, line, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE workspaces SET house_rules = $2 WHERE id = $1",
                    *id,
                    rules.as_deref()
                ))
                .await?;
                audit::write(tx, line, *now).await
            })
        })
        .await
    }

    /// The ids of the workspaces of an account, for telling their members what changed.
    pub async fn workspace_ids_of(&self, account_id: AccountId) -> Result<Vec<WorkspaceId>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT workspace_id FROM members WHERE account_id = $1",
            account_id
        ))
        .await?
        .iter()
        .map(|row| row.parsed("workspace_id"))
        .collect()
    }
}

fn workspace_ref(row: &Row) -> Result<WorkspaceRef> {
    Ok(WorkspaceRef {
        id: row.parsed("id")?,
        slug: row.text("slug")?,
        name: row.text("name")?,
    })
}
