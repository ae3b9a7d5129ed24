//! Programs from npm, each installed once and in one version into the user's cache.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::{command::Program, project, say};

/// A package of npm that brings a program.
pub(super) struct NpmProgram {
    /// Name of its folder in the cache.
    pub(super) name: &'static str,
    /// The package.
    pub(super) package: &'static str,
    /// The version whose behaviour is known.
    pub(super) version: &'static str,
    /// Path of the program below `node_modules`.
    pub(super) program: &'static str,
    /// Packages that it needs beside it, with their versions.
    pub(super) beside: &'static [&'static str],
}

impl NpmProgram {
    /// The program's path, after it was installed if it was not there.
    pub(super) fn ensure(&self, answers: impl Fn(&Path) -> bool) -> Result<PathBuf> {
        let folder = project::cache()?.join(self.name).join(self.version);
        let mut program = folder.join("node_modules").join(self.program);
        if cfg!(windows) && self.program.starts_with(".bin/") {
            program.set_extension("cmd");
        }
        if program.is_file() && answers(&program) {
            return Ok(program);
        }
        say::step(&format!(
            "Installing {} {} into {} (once)",
            self.package,
            self.version,
            folder.display()
        ));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Program::npm()
            .args([
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--engine-strict=false",
            ])
            .args([format!("{}@{}", self.package, self.version)])
            .args(self.beside)
            .dir(&folder)
            .run()?;
        if !answers(&program) {
            bail!(
                "{} does not answer as version {}",
                program.display(),
                self.version
            );
        }
        Ok(program)
    }
}
