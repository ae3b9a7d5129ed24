//! Programs that tests start.

use std::{
    ffi::OsStr,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// What a program that has ended left behind.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it printed as its result.
    pub stdout: String,
    /// What it said beside it.
    pub stderr: String,
}

impl Ran {
    /// Fails unless it ended well; the result otherwise.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// The result of a program that ended well, as JSON.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a result that is no JSON fails the test"
    )]
    pub fn json(self) -> Value {
        let text = self.ok();
        serde_json::from_str(&text).expect("the result is JSON")
    }

    /// Fails unless it ended with `code` and said all of `words` beside its result.
    #[track_caller]
    pub fn refused(self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "no `{word}` in: {}",
                self.stderr
            );
        }
    }
}

/// A program that is about to be started, with an environment of its own.
pub struct Run(Command);

impl Run {
    /// The program at `path`; nothing of this process's environment is handed on.
    pub fn new(path: &Path) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests stand outside of the product and start it as a person does"
        )]
        let mut command = Command::new(path);
        command.env_clear().stdin(Stdio::null());
        Self(command)
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = I>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it in `folder`.
    #[must_use]
    pub fn dir(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it to its end.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a program that cannot be started fails the test"
    )]
    pub fn run(mut self) -> Ran {
        let output = self.0.output().expect("the program starts");
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts it; what it says goes into files beside `log`.
    pub fn start(mut self, log: &Path) -> Result<Child> {
        let file = |ending: &str| {
            let path = log.with_extension(ending);
            let open = File::options().create(true).append(true).open(&path);
            open.with_context(|| format!("{} cannot be written", path.display()))
        };
        let child = self.0.stdout(file("out")?).stderr(file("err")?).spawn();
        child.with_context(|| format!("{} cannot be started", self.0.get_program().display()))
    }
}

/// A built program: the one that the environment names, or the one beside the test.
pub fn built(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    let folder = test
        .ancestors()
        .nth(2)
        .context("the test stands in no folder")?;
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(
        path.is_file(),
        "{} is missing; build it with `cargo build -p cli`",
        path.display()
    );
    Ok(path)
}
