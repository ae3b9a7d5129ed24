//! A runner's service on a stage.

use std::{ffi::OsString, fs, path::PathBuf, process::Child};

use serde_json::Value;

use crate::{processes, program::Run, stage::Stage, wait::until};

/// A service and its data directory; the service may be started several times.
pub struct Runner<'a> {
    stage: &'a Stage,
    name: String,
    variables: Vec<(String, OsString)>,
    slots: u32,
    child: Option<Child>,
}

impl<'a> Runner<'a> {
    /// A runner that is not started yet.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a full disk fails the test")]
    pub fn prepared(stage: &'a Stage, name: &str) -> Self {
        let runner = Self {
            stage,
            name: name.to_owned(),
            variables: Vec::new(),
            slots: 4,
            child: None,
        };
        fs::create_dir_all(runner.jobs()).expect("a workspace directory");
        runner
    }

    /// A runner that is online.
    #[track_caller]
    pub fn online(stage: &'a Stage, name: &str) -> Self {
        let mut runner = Self::prepared(stage, name);
        runner.start();
        runner.wait_for_state("online");
        runner
    }

    /// Sets variables of its environment, such as an agent's.
    #[must_use]
    pub fn with(mut self, variables: Vec<(String, String)>) -> Self {
        let variables = variables.into_iter();
        self.variables
            .extend(variables.map(|(name, value)| (name, value.into())));
        self
    }

    /// Sets one variable of its environment, to anything.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Works on so many jobs at once.
    #[must_use]
    pub fn with_slots(mut self, slots: u32) -> Self {
        self.slots = slots;
        self
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.stage.path(&self.name)
    }

    /// Its workspace directory.
    pub fn jobs(&self) -> PathBuf {
        self.stage.path(&format!("{}-jobs", self.name))
    }

    /// Starts the service.
    #[track_caller]
    pub fn start(&mut self) {
        self.start_with(&[]);
    }

    /// Starts the service with further options.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a service that cannot be started fails the test"
    )]
    pub fn start_with(&mut self, options: &[&str]) {
        let mut run = self
            .stage
            .coord([
                "runner",
                "start",
                "--no-input",
                "--slots",
                &self.slots.to_string(),
                "--name",
                &self.name,
            ])
            .args(["--server", self.stage.url(), "--data"])
            .arg(self.data())
            .arg("--workspace-dir")
            .arg(self.jobs())
            .args(options);
        for (name, value) in &self.variables {
            run = run.env(name, value);
        }
        let log = self.stage.path(&format!("{}.log", self.name));
        self.child = Some(run.start(&log).expect("the service starts"));
    }

    /// Sends the service a signal, and waits until it has ended.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a process that cannot be waited for fails the test"
    )]
    pub fn end(&mut self, signal: &str) -> Option<i32> {
        let mut child = self.child.take().expect("a service that runs");
        processes::signal(child.id(), signal);
        child.wait().expect("the service ends").code()
    }

    /// Waits until the service has ended by itself.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a process that cannot be waited for fails the test"
    )]
    pub fn ended(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("a service that was started");
        until("the service's end", || child.try_wait().expect("a look")).code()
    }

    /// `coord runner …` on this machine.
    pub fn coord(&self, arguments: &[&str]) -> Run {
        self.stage
            .coord(["runner"])
            .args(arguments)
            .arg("--data")
            .arg(self.data())
    }

    /// What `coord runner status` says.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.coord(&["status", "--json"]).run().json()
    }

    /// Waits until the status has this state.
    #[track_caller]
    pub fn wait_for_state(&self, state: &str) -> Value {
        until(&format!("the state {state}"), || {
            let status = self.status();
            (status["state"] == state).then_some(status)
        })
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            processes::signal(child.id(), "KILL");
            child.wait().ok();
        }
    }
}
