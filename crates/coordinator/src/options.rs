//! How a coordinator is started.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use crate::clock::{Clock, SystemClock};

/// What a coordinator is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory that holds settings, files and the embedded database.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Another database than the embedded one: `postgres://…` or `sqlite:PATH`.
    pub database: Option<String>,
    /// The address under which people and runners reach it, where that is not the listening one.
    pub public_url: Option<String>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// The embedded database in `data`, the machine's clock, and the listening address as the public one.
    pub fn new(data: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            data: data.into(),
            listen,
            database: None,
            public_url: None,
            clock: Arc::new(SystemClock),
        }
    }
}
