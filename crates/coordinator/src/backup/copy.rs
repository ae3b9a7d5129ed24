//! From the embedded database to PostgreSQL.

use std::path::PathBuf;

use store::{Source, TableDigest, Target};

use super::BackupError;
use crate::server::{self, Lock};

/// Which database is to be copied, and where to.
#[derive(Debug, Clone)]
pub struct CopyOptions {
    /// The data directory with the embedded database.
    pub from: PathBuf,
    /// An empty database: `postgres://…`.
    pub to: String,
}

/// Copies everything that the embedded database holds into an empty one, or nothing.
///
/// The coordinator must not run meanwhile: what it wrote after the copy would be lost.
pub async fn copy_database(options: CopyOptions) -> Result<Vec<TableDigest>, BackupError> {
    let from = server::database_of(&options.from, None)?;
    if !options.from.join("coord.db").exists() {
        return Err(store::TransferError::NothingThere.into());
    }
    let to = server::database_of(&options.from, Some(&options.to))?;
    let _lock = Lock::take(&options.from)?;
    let mut source = Source::open(&from).await?;
    let target = Target::open(&to, source.version()).await?;
    let copied = store::copy_database(&mut source, target).await?;
    source.close().await;
    Ok(copied)
}
