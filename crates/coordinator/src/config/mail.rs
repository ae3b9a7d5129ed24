//! `[mail]`: the server through which mail is sent.

use std::{num::NonZeroU16, path::PathBuf};

use serde::Deserialize;

/// How mail is sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// The mail server's name.
    pub(crate) host: String,
    /// Its port; by `tls` when left out.
    pub(crate) port: Option<NonZeroU16>,
    /// How the connection is protected.
    #[serde(default)]
    pub(crate) tls: MailTls,
    /// Who signs in there, where the server wants that.
    pub(crate) user: Option<String>,
    /// The file that holds the password of `user`.
    pub(crate) password_file: Option<PathBuf>,
    /// Whom the mail comes from: `Coord <coord@example.com>`.
    pub(crate) from: String,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailTls {
    /// It begins open and must change to TLS.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None; for a server on the same machine.
    None,
}

impl MailConfig {
    /// The port that is named, or the usual one.
    pub(crate) fn port(&self) -> u16 {
        self.port.map_or(self.tls.usual_port(), NonZeroU16::get)
    }
}

impl MailTls {
    const fn usual_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}
