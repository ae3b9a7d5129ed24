//! What every verb knows: how to speak, and where this user's settings are.

use std::path::{Path, PathBuf};

use settings::places::{self, NoHome};

use crate::{arguments::Common, exit::Failure, output::Output};

/// What the options that every verb takes have settled.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Where results and messages go.
    pub(crate) output: Output,
    /// Never ask; fail instead.
    pub(crate) no_input: bool,
    /// How much is said about the work itself.
    pub(crate) verbose: u8,
    config: Option<PathBuf>,
}

impl Context {
    /// Takes over the options.
    pub(crate) fn new(common: Common) -> Self {
        Self {
            output: Output::new(common.json, common.quiet, common.no_color),
            no_input: common.no_input,
            verbose: common.verbose,
            config: common.config,
        }
    }

    /// The directory with this user's sign-ins.
    pub(crate) fn config_dir(&self) -> Result<PathBuf, Failure> {
        places::config_dir(self.config.as_deref()).map_err(no_home)
    }
}

/// The runner's data directory.
pub(crate) fn runner_data(chosen: Option<&Path>) -> Result<PathBuf, Failure> {
    places::runner_data_dir(chosen).map_err(no_home)
}

/// A path of the command line, taken from where the command was given.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| {
        Failure::plain(format!(
            "`{}` cannot be made a full path: {error}",
            path.display()
        ))
    })
}

fn no_home(error: NoHome) -> Failure {
    Failure::plain(error.to_string())
}
