//! The user interface: its packages and its two builds.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{command::Program, project};

/// Installs the packages of the lock file, unless exactly these are there.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no lock file", folder.display()))?;
    let mark = folder.join("node_modules/.installed-lock.json");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    Program::npm()
        .args(["ci", "--no-audit", "--no-fund"])
        .dir(folder)
        .run()?;
    fs::write(&mark, lock).with_context(|| format!("{} cannot be written", mark.display()))
}

/// Installs what the user interface needs, and runs one of its scripts.
pub(crate) fn script(name: &str) -> Result<()> {
    let folder = project::ui();
    install(&folder)?;
    Program::npm()
        .args(["run", "--silent", name])
        .dir(folder)
        .run()
}

/// Builds it for browser and window.
pub(crate) fn build() -> Result<()> {
    script("build")
}
