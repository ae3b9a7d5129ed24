//! What a worker that waits is told by its service.

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Which attempt a worker is to work on, and what of the owner's environment its agent may see.
///
/// Goes over a pipe and nowhere else: the values may be secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Word {
    /// The folder of the attempt's record.
    pub(crate) attempt: PathBuf,
    pub(crate) environment: Vec<(String, String)>,
}

impl Word {
    /// Tells it to a worker that waits, which is on its own from here on.
    pub(crate) fn tell(&self, worker: process::Ahead) -> io::Result<process::Identity> {
        worker.go(&serde_json::to_string(self)?)
    }

    /// Waits for it, as a worker; none when nobody is left to tell it.
    pub(super) fn wait() -> io::Result<Option<Self>> {
        let heard = process::wait_for_word()?;
        Ok(heard.map(|word| serde_json::from_str(&word)).transpose()?)
    }
}
