//! The first owner and the first workspace of an instance.

use std::{path::PathBuf, sync::Arc};

use lifecycle::lease::LeaseTerms;
use protocol::api::{PersonRef, WorkspaceRef};
use store::{NewOwner, OwnerCreated};

use crate::{
    auth::{PasswordRefused, Passwords, check_new_password},
    clock::{Clock, SystemClock},
    email,
    server::{StartError, open_store, prepare_data_dir},
    slug,
};

/// Longest name of a workspace.
const WORKSPACE_NAME_CHARS_MAX: usize = 64;

/// Who the first owner is.
#[derive(Clone)]
pub struct BootstrapOptions {
    /// The coordinator's data directory.
    pub data: PathBuf,
    /// Another database than the embedded one.
    pub database: Option<String>,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// The workspace's name.
    pub workspace: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl BootstrapOptions {
    /// The embedded database in `data`, and the machine's clock.
    pub fn new(data: impl Into<PathBuf>, email: &str, password: &str, workspace: &str) -> Self {
        Self {
            data: data.into(),
            database: None,
            email: email.to_owned(),
            password: password.to_owned(),
            workspace: workspace.to_owned(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl std::fmt::Debug for BootstrapOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BootstrapOptions")
            .field("data", &self.data)
            .field("email", &self.email)
            .field("workspace", &self.workspace)
            .finish_non_exhaustive()
    }
}

/// What exists afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrapped {
    /// The owner.
    pub account: PersonRef,
    /// Their workspace.
    pub workspace: WorkspaceRef,
}

/// Why there is no first owner; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The instance has an owner.
    #[error("this coordinator has an owner already; sign in with that account instead")]
    AlreadyBootstrapped,
    /// The e-mail address is none.
    #[error("`{0}` is not an e-mail address; give one like name@example.com")]
    Email(String),
    /// The password is not good enough.
    #[error("{0}; choose another one")]
    Password(#[from] PasswordRefused),
    /// The workspace's name is empty or too long.
    #[error("a workspace's name has 1 to {WORKSPACE_NAME_CHARS_MAX} characters")]
    WorkspaceName,
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Hash(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The data directory or the database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Makes the first owner and workspace; a second time is an error, and nothing changes.
pub async fn bootstrap(options: BootstrapOptions) -> Result<Bootstrapped, BootstrapError> {
    let email =
        email::parse(&options.email).ok_or_else(|| BootstrapError::Email(options.email.clone()))?;
    let name = email::name_of(&email).to_owned();
    let workspace_name = options.workspace.trim();
    if !(1..=WORKSPACE_NAME_CHARS_MAX).contains(&workspace_name.chars().count()) {
        return Err(BootstrapError::WorkspaceName);
    }
    check_new_password(&options.password)?;
    prepare_data_dir(&options.data)?;
    let store = open_store(
        &options.data,
        options.database.as_deref(),
        LeaseTerms::default(),
    )
    .await?;
    let done = create(&store, &options, &email, &name, workspace_name).await;
    store.close().await;
    done
}

async fn create(
    store: &store::Store,
    options: &BootstrapOptions,
    email: &str,
    name: &str,
    workspace_name: &str,
) -> Result<Bootstrapped, BootstrapError> {
    if store.is_bootstrapped().await? {
        return Err(BootstrapError::AlreadyBootstrapped);
    }
    let password_hash = Passwords::default()
        .hash(&options.password)
        .await
        .map_err(|error| BootstrapError::Hash(Box::new(error)))?;
    let new = NewOwner {
        email: email.to_owned(),
        name: name.to_owned(),
        password_hash,
        workspace_slug: slug::of(workspace_name),
        workspace_name: workspace_name.to_owned(),
    };
    match store.create_first_owner(new, options.clock.now()).await? {
        OwnerCreated::Created { account, workspace } => Ok(Bootstrapped {
            account: account.person(),
            workspace,
        }),
        OwnerCreated::AlreadyBootstrapped => Err(BootstrapError::AlreadyBootstrapped),
    }
}
