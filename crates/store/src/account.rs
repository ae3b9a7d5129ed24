//! Accounts, and the first owner.

mod change;
mod delete;

use protocol::{
    api::{PersonRef, WorkspaceRef},
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};

use uuid::Uuid;

pub use change::{NewAccount, SignedUp};
pub(crate) use change::{acting, set_password, sign_up};
pub use delete::AccountDeleted;

use crate::{
    Result, Store,
    engine::{Conn, Row, sql},
};

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// The name that others see.
    pub name: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The password's Argon2id hash in PHC form; none for an account without a password.
    pub password_hash: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Account {
    /// The account as others see it.
    pub fn person(&self) -> PersonRef {
        PersonRef {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
        }
    }
}

/// The first owner and the first workspace of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOwner {
    /// The e-mail address.
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// The password's hash.
    pub password_hash: String,
    /// The workspace's name in addresses.
    pub workspace_slug: String,
    /// The workspace's name.
    pub workspace_name: String,
}

/// What came of making the first owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerCreated {
    /// Both exist now.
    Created {
        /// The owner.
        account: Account,
        /// Their workspace.
        workspace: WorkspaceRef,
    },
    /// The instance has an owner already; nothing changed.
    AlreadyBootstrapped,
}

impl Store {
    /// Whether the first owner exists.
    pub async fn is_bootstrapped(&self) -> Result<bool> {
        let mut conn = self.reader().await?;
        let row = conn.one(sql!("SELECT id FROM instance")).await?;
        Ok(row.is_some())
    }

    /// Makes the first owner and workspace, once in an instance's life.
    pub async fn create_first_owner(&self, new: NewOwner, now: Timestamp) -> Result<OwnerCreated> {
        self.write((new, now), |tx, (new, now)| {
            Box::pin(create_first_owner(tx, new, *now))
        })
        .await
    }

    /// The account with this e-mail address, in any case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT * FROM accounts WHERE email = $1",
            email.trim().to_lowercase()
        ))
        .await?
        .map(|row| Account::read(&row))
        .transpose()
    }

    /// The account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        let mut conn = self.reader().await?;
        conn.one(sql!("SELECT * FROM accounts WHERE id = $1", id))
            .await?
            .map(|row| Account::read(&row))
            .transpose()
    }
}

impl Account {
    /// The account, unless it was deleted, within a transaction.
    pub(crate) async fn by_id(tx: &mut Conn, id: AccountId) -> Result<Option<Self>> {
        tx.one(sql!(
            "SELECT * FROM accounts WHERE id = $1 AND deleted_at IS NULL",
            id
        ))
        .await?
        .map(|row| Self::read(&row))
        .transpose()
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.parsed("id")?,
            name: row.text("name")?,
            email: row.text("email")?,
            password_hash: password_of(row.text("password_hash")?),
            created_at: row.time("created_at")?,
        })
    }

    /// Reads an account that was joined as `account_id`, `account_name`, `account_email`,
    /// `account_password_hash` and `account_created_at`.
    pub(crate) fn read_joined(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.parsed("account_id")?,
            name: row.text("account_name")?,
            email: row.text("account_email")?,
            password_hash: password_of(row.text("account_password_hash")?),
            created_at: row.time("account_created_at")?,
        })
    }
}

/// An empty text stands for an account without a password.
fn password_of(kept: String) -> Option<String> {
    (!kept.is_empty()).then_some(kept)
}

async fn create_first_owner(tx: &mut Conn, new: &NewOwner, now: Timestamp) -> Result<OwnerCreated> {
    if tx.one(sql!("SELECT id FROM instance")).await?.is_some() {
        return Ok(OwnerCreated::AlreadyBootstrapped);
    }
    let account = Account {
        id: AccountId(Uuid::now_v7()),
        name: new.name.clone(),
        email: new.email.trim().to_lowercase(),
        password_hash: Some(new.password_hash.clone()),
        created_at: now,
    };
    let workspace = WorkspaceRef {
        id: WorkspaceId(Uuid::now_v7()),
        slug: new.workspace_slug.clone(),
        name: new.workspace_name.clone(),
    };
    tx.run(sql!(
        "INSERT INTO accounts (id, email, name, password_hash, created_at, email_verified_at)
         VALUES ($1, $2, $3, $4, $5, $5)",
        account.id,
        &account.email,
        &account.name,
        &new.password_hash,
        now
    ))
    .await?;
    let first = tx
        .run(sql!(
            "INSERT INTO instance (id, first_owner_id, created_at) VALUES (1, $1, $2)
             ON CONFLICT (id) DO NOTHING",
            account.id,
            now
        ))
        .await?;
    if first == 0 {
        // Another coordinator was faster by a moment: its transaction stands, this one goes.
        tx.run(sql!("DELETE FROM accounts WHERE id = $1", account.id))
            .await?;
        return Ok(OwnerCreated::AlreadyBootstrapped);
    }
    tx.run(sql!(
        "INSERT INTO workspaces (id, slug, name, created_at) VALUES ($1, $2, $3, $4)",
        workspace.id,
        &workspace.slug,
        &workspace.name,
        now
    ))
    .await?;
    tx.run(sql!(
        "INSERT INTO members (workspace_id, account_id, role, created_at)
         VALUES ($1, $2, 'owner', $3)",
        workspace.id,
        account.id,
        now
    ))
    .await?;
    Ok(OwnerCreated::Created { account, workspace })
}
