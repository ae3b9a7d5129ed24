//! A way back in for somebody whom nobody can help: a link for a new password, made at the server.

use std::{path::PathBuf, sync::Arc};

use lifecycle::lease::LeaseTerms;
use protocol::{
    api::{ResetLink, Surface},
    limits::RESET_LIFE_MS,
};
use store::{Actor, Audit, NewResetLink, Store, Subject};

use crate::{
    auth::Secret,
    clock::{Clock, SystemClock},
    email,
    server::{StartError, checked_public_url, open_store},
};

/// Whose password is to be set, and where the coordinator's data lies.
#[derive(Debug, Clone)]
pub struct ResetOptions {
    /// The coordinator's data directory.
    pub data: PathBuf,
    /// Another database than the embedded one.
    pub database: Option<String>,
    /// The account's e-mail address.
    pub email: String,
    /// The address under which people reach the coordinator.
    pub public_url: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl ResetOptions {
    /// The embedded database in `data`, and the machine's clock.
    pub fn new(data: impl Into<PathBuf>, email: &str, public_url: &str) -> Self {
        Self {
            data: data.into(),
            database: None,
            email: email.to_owned(),
            public_url: public_url.to_owned(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Why there is no link; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Nobody has this address.
    #[error("no account here has the address `{0}`; check its spelling and the data directory")]
    NoSuchAccount(String),
    /// There is no coordinator's database.
    #[error("there is no coordinator's data in {}; name its directory with --data", .0.display())]
    NoData(PathBuf),
    /// The data directory, the database or the public address cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Makes a link that sets the password once, within an hour; an earlier one ends.
///
/// Whoever can read the data directory can do all that the coordinator can, so this asks for
/// nothing else. It works while a coordinator is running.
pub async fn reset_link(options: ResetOptions) -> Result<ResetLink, ResetError> {
    let public_url = checked_public_url(&options.public_url)?;
    // Opening would make an empty database where there is none.
    if options.database.is_none() && !options.data.join("coord.db").is_file() {
        return Err(ResetError::NoData(options.data));
    }
    let store = open_store(
        &options.data,
        options.database.as_deref(),
        LeaseTerms::default(),
    )
    .await?;
    let made = make(&store, &options, &public_url).await;
    store.close().await;
    made
}

async fn make(
    store: &Store,
    options: &ResetOptions,
    public_url: &str,
) -> Result<ResetLink, ResetError> {
    let unknown = || ResetError::NoSuchAccount(options.email.clone());
    let email = email::parse(&options.email).ok_or_else(unknown)?;
    let account = store.account_by_email(&email).await?.ok_or_else(unknown)?;
    let (secret, now) = (Secret::new(""), options.clock.now());
    let expires_at = now.plus_millis(RESET_LIFE_MS);
    let new = NewResetLink {
        token_hash: secret.sha256(),
        account_id: account.id,
        mailed: false,
        expires_at,
    };
    let actor = Actor {
        surface: Surface::CommandLine,
        ..Actor::system()
    };
    let subject = Subject::new("account", account.id, &account.name);
    let line = Audit::of_account(account.id, actor, "account.reset_link_made", subject)
        .detail("by_mail", false);
    store.create_reset_link(new, line, now).await?;
    Ok(ResetLink {
        url: format!("{public_url}/reset#{}", secret.reveal()),
        expires_at,
    })
}
