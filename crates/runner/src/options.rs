//! How the service is started, and how it can end.

use std::{path::PathBuf, sync::Arc};

use futures::future::BoxFuture;

/// Gives this user's own sign-in at a coordinator: an access token, where there is one.
///
/// The argument is the coordinator's address. The token is used once, to
/// register this machine; it is not kept.
pub type AccountLogin = Arc<dyn Fn(String) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// How the service is started; options win over the configuration file.
#[derive(Clone, Default)]
pub struct Options {
    /// Everything that the runner keeps.
    pub data: PathBuf,
    /// The coordinator's address.
    pub server: Option<String>,
    /// Where jobs get their folders.
    pub workspace_dir: Option<PathBuf>,
    /// The wished name of the runner.
    pub name: Option<String>,
    /// Concurrent jobs.
    pub slots: Option<u32>,
    /// Nobody can be asked anything: without a sign-in the service ends.
    pub no_input: bool,
    /// This user's own sign-in, which spares another one.
    pub account_login: Option<AccountLogin>,
    /// The program that has the commands `worker` and `demo-agent`; this one when none.
    pub program: Option<PathBuf>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("data", &self.data)
            .field("server", &self.server)
            .field("workspace_dir", &self.workspace_dir)
            .field("name", &self.name)
            .field("slots", &self.slots)
            .field("no_input", &self.no_input)
            .finish_non_exhaustive()
    }
}

/// How the service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It was told to stop, and nothing runs any more.
    Stopped,
    /// It went away; its workers run on and are found again at the next start.
    Detached,
    /// Nobody is signed in, and nobody could be asked.
    NotSignedIn,
}

/// Why the service could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory cannot be used, or another service uses it.
    #[error(transparent)]
    Data(#[from] settings::data_dir::DataDirError),
    /// The configuration cannot be read; the message names file and line.
    #[error(transparent)]
    Settings(#[from] settings::config::ConfigError),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The control socket cannot be opened.
    #[error(transparent)]
    Control(#[from] control::BindError),
    /// The data directory cannot be looked at.
    #[error("cannot look at the runner's data directory")]
    Place(#[source] std::io::Error),
    /// There is no folder for the sockets.
    #[error(transparent)]
    RuntimeDir(#[from] control::RuntimeDirError),
    /// The system does not say where this program is.
    #[error("cannot find this program's own file")]
    Program(#[source] std::io::Error),
}
