//! What the Download Runner page offers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{api::runner::RunnerRef, ids::SetupTokenId, time::Timestamp};

/// How a file is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PackageKind {
    /// Debian package of the desktop app.
    Deb,
    /// RPM package of the desktop app.
    Rpm,
    /// One-file program of the desktop app.
    AppImage,
    /// Disk image of the desktop app.
    Dmg,
    /// Installer of the desktop app.
    Msi,
    /// Installer of the desktop app.
    Exe,
    /// Archive with the `coord` program alone.
    Archive,
}

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DownloadFile {
    /// Its file name; served at `/downloads/{name}`.
    pub name: String,
    /// How it is installed.
    pub kind: PackageKind,
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// `x86_64` or `aarch64`.
    pub arch: String,
    /// The version that it brings.
    pub version: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// `GET /api/v1/downloads`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DownloadList {
    /// The coordinator's address, for the commands on the page.
    pub server: String,
    /// The files that are really there.
    pub files: Vec<DownloadFile>,
}

/// `POST /api/v1/account/setup-tokens`: signs in one machine without a screen, once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetupTokenMade {
    /// Which.
    pub id: SetupTokenId,
    /// The secret, shown this once.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SetupTokenMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetupTokenMade")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/account/setup-tokens/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetupTokenView {
    /// Which.
    pub id: SetupTokenId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// The runner that it signed in, once it has registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerRef>,
    /// Whether that runner has been heard of since.
    pub connected: bool,
}
