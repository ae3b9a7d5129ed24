//! Uploads: entries of the two streams, and artifacts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::{EventEntry, LogEntry};

/// `POST attempts/{id}/events`: entries in order, without gaps.
///
/// Entries that are there already are passed over. A gap before the first one
/// is `entries_missing`. Under a fence that has moved on, entries are kept,
/// marked late; an `ended` event is refused with `fence_moved_on`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppendEvents {
    /// The claim under which they were written.
    pub fence: u64,
    /// The entries.
    pub entries: Vec<EventEntry>,
}

/// `POST attempts/{id}/log`: as with events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppendLog {
    /// The claim under which they were written.
    pub fence: u64,
    /// The entries.
    pub entries: Vec<LogEntry>,
}

/// The answer to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appended {
    /// Number of the last entry that is kept for good.
    pub kept: u64,
}

/// The answer to `PUT attempts/{id}/artifacts/parts/{sha256}`, whose body is the part itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartStored {
    /// Its size in bytes.
    pub size: u64,
}

/// One file that an attempt hands back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactFile {
    /// Path within the output folder, with `/`; never absolute, never with `..`.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the whole content.
    pub sha256: String,
    /// SHA-256 of each part, in order.
    pub parts: Vec<String>,
}

/// `POST attempts/{id}/artifacts`: everything that the attempt hands back, under its fence.
///
/// Sent once all parts are there; sending it again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArtifactManifest {
    /// The claim under which they were made.
    pub fence: u64,
    /// The files.
    pub files: Vec<ArtifactFile>,
}

/// The answer to a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ManifestStored {
    /// Parts that are not there and have to be sent first; empty when all is stored.
    pub missing_parts: Vec<String>,
}
