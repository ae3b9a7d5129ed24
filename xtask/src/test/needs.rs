//! What stages need from one another.

use anyhow::Result;

use crate::{
    project,
    tools::{self, BUILD, CHAOS, TEST},
};

/// What is there before the first stage.
pub(super) struct Needs {
    yes: bool,
}

impl Needs {
    /// Looks at what was asked for.
    pub(super) fn new(yes: bool) -> Result<Self> {
        // Cargo must know the workspace before anything else makes sense.
        project::metadata()?;
        Ok(Self { yes })
    }

    /// Installs the packages of all stages.
    pub(super) fn packages(&self) -> Result<()> {
        tools::ensure(&[BUILD, TEST, CHAOS], self.yes)
    }
}
