//! Programs that are run: said before, and told about when they fail.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{project, say};

/// A program with its arguments, run in the project's folder unless told otherwise.
pub(crate) struct Program {
    command: Command,
    quiet: bool,
}

impl Program {
    /// The program `name`.
    pub(crate) fn new(name: impl AsRef<OsStr>) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the product's `process` crate is not there yet when it is built with this"
        )]
        let mut command = Command::new(name);
        command.current_dir(project::root());
        // What cargo says to this program of itself: build scripts that look at it would be run anew,
        // and all that comes after them, whenever cargo is used by hand in between.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        Self {
            command,
            quiet: false,
        }
    }

    /// `cargo` of the toolchain at work.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// `npm`, under the name that it has on this system.
    pub(crate) fn npm() -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
    }

    /// Adds arguments.
    pub(crate) fn args<I: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = I>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable out of its environment.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it in another folder.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Does not say that it runs.
    pub(crate) fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Runs it to its end; another exit code than 0 is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        self.announce();
        let status = self.command.status().with_context(|| self.failed())?;
        if !status.success() {
            bail!("`{}` failed: {status}", self.text());
        }
        Ok(())
    }

    /// Runs it, and takes what it prints.
    pub(crate) fn output(mut self) -> Result<String> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().with_context(|| self.failed())?;
        if !output.status.success() {
            bail!("`{}` failed: {}", self.text(), output.status);
        }
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` printed something that is no text", self.text()))
    }

    /// Whether it ends well; what it prints is thrown away.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Runs it beside this process, as `prepare` sets it up.
    pub(crate) fn spawn(mut self, prepare: impl FnOnce(&mut Command)) -> Result<Child> {
        self.announce();
        prepare(&mut self.command);
        self.command.spawn().with_context(|| self.failed())
    }

    fn announce(&self) {
        if !self.quiet {
            say::line(&format!("$ {}", self.text()));
        }
    }

    fn failed(&self) -> String {
        format!("`{}` cannot be run", self.text())
    }

    fn text(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str());
        let mut text = name.to_string_lossy().into_owned();
        for argument in self.command.get_args() {
            text.push(' ');
            text.push_str(&argument.to_string_lossy());
        }
        text
    }
}
