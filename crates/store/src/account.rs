//! Accounts, and the first owner.

use protocol::{
    api::{PersonRef, WorkspaceRef},
    ids::AccountId,
    time::Timestamp,
};

use crate::{Error, Result, Store};

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub id: AccountId,
    /// The name that others see.
    pub name: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The password's Argon2id hash in PHC form.
    pub password_hash: String,
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
        Err(Error::Closed)
    }

    /// Makes the first owner and workspace, once in an instance's life.
    pub async fn create_first_owner(&self, new: NewOwner, now: Timestamp) -> Result<OwnerCreated> {
        let _ = (new, now);
        Err(Error::Closed)
    }

    /// The account with this e-mail address, in any case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        let _ = email;
        Err(Error::Closed)
    }

    /// The account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        let _ = id;
        Err(Error::Closed)
    }
}
