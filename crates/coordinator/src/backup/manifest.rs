//! What a back-up says about itself.

use std::{fs, io, path::Path};

use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::TableDigest;

use super::{BackupError, MANIFEST, of_file};

/// The newest form of back-ups that this version reads and writes.
pub(super) const FORMAT: u32 = 1;

/// What a back-up says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the back-up.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The newest step of the database's structure.
    pub structure: i64,
    /// The tables, in an order in which none refers to a later one.
    pub tables: Vec<TableDigest>,
    /// How many files.
    pub files: u64,
    /// How many bytes they have together.
    pub file_bytes: u64,
    /// SHA-256 of the list of files.
    pub files_sha256: String,
}

impl Manifest {
    /// Reads that of a back-up.
    pub(super) fn read(from: &Path) -> Result<Self, BackupError> {
        let path = from.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BackupError::NoBackup(from.to_owned()));
            }
            Err(error) => return Err(of_file(&path)(error)),
        };
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| BackupError::Manifest(error.to_string()))?;
        if manifest.format > FORMAT {
            return Err(BackupError::Manifest(format!(
                "it has form {}, and this version reads up to {FORMAT}; use version {} of coord",
                manifest.format, manifest.version
            )));
        }
        Ok(manifest)
    }

    /// Writes it into a back-up that is complete but for this.
    pub(super) fn write(&self, out: &Path) -> Result<(), BackupError> {
        let path = out.join(MANIFEST);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| BackupError::Manifest(error.to_string()))?;
        let partial = out.join("manifest.partial");
        fs::write(&partial, text).map_err(of_file(&partial))?;
        let file = fs::File::open(&partial).map_err(of_file(&partial))?;
        file.sync_all().map_err(of_file(&partial))?;
        fs::rename(&partial, &path).map_err(of_file(&path))
    }
}
