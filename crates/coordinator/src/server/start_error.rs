//! Why a coordinator does not start.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::config::ConfigError;

/// Why a coordinator does not start, in words for the person who starts it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or may not be used.
    #[error("cannot listen on {address}: {}", why_not_listen(source))]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The data directory cannot be made or used.
    #[error("the data directory {} cannot be used", path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another coordinator uses the data directory.
    #[error("another coordinator is running on {}; stop it, or choose another data directory", .0.display())]
    Locked(PathBuf),
    /// The settings file cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The public address is not understood.
    #[error("`{0}` is no public address; give one like https://coord.example.com, without a path")]
    PublicUrl(String),
    /// The database's address is not understood.
    #[error(
        "the database address is not understood; give postgres://USER@HOST/NAME or sqlite:PATH"
    )]
    DatabaseAddress,
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Store(#[source] store::Error),
    /// The folder for files cannot be used.
    #[error("the folder for attachments and artifacts cannot be used")]
    Objects(#[source] object_store::Error),
    /// Measuring could not be set up.
    #[error("another part of this program has set up metrics already")]
    Metrics,
}

fn why_not_listen(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses it; stop that program or choose another port with --listen"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "this user may not use the port; choose one above 1023 with --listen".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have the address; choose another one with --listen".to_owned()
        }
        _ => error.to_string(),
    }
}
