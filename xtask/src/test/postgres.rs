//! The PostgreSQL server that all tests of a stage share.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::{command::Program, project};

/// A running server; it ends, and leaves nothing, when it is dropped.
pub(super) struct SharedPostgres {
    process: Child,
    folder: String,
}

impl SharedPostgres {
    /// Builds and starts it.
    pub(super) fn start() -> Result<Self> {
        const NAME: &str = "shared_postgres";
        // Over the whole workspace, as everything else is built.
        Program::cargo()
            .args(["build", "--locked", "--workspace", "--example", NAME])
            .run()?;
        let file = format!("{NAME}{}", env::consts::EXE_SUFFIX);
        let program = project::target()?.join("debug/examples").join(file);
        let process = Program::new(program).spawn(|command| {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
        })?;
        let mut started = Self {
            process,
            folder: String::new(),
        };
        let output = started.process.stdout.take().context("it has no output")?;
        BufReader::new(output).read_line(&mut started.folder)?;
        ensure!(
            started.folder.ends_with('\n'),
            "PostgreSQL did not start; why stands above"
        );
        Ok(started)
    }

    /// Where tests find it.
    pub(super) fn folder(&self) -> &str {
        self.folder.trim_end()
    }
}

impl Drop for SharedPostgres {
    fn drop(&mut self) {
        // The end of its input ends it; one that has ended already is fine.
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}
