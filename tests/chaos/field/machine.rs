//! A machine with a runner's service, behind a network of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
};

use serde_json::Value;
use whole::{
    Run, Stage, processes,
    proxy::{Proxy, Target},
    until,
};

use super::client::Client;

/// One machine.
pub(crate) struct Machine {
    pub(crate) name: String,
    /// Between it and the coordinators.
    pub(crate) network: Proxy,
    pub(crate) child: Option<Child>,
    /// The place where the service or one of its workers will end, when it was started for that.
    pub(crate) armed: Option<&'static str>,
    /// What shows that a worker has ended there.
    once: Option<PathBuf>,
    /// How often a worker was to end at a place.
    workers_armed: u32,
    /// Whether it once did not end although it was told to.
    pub(crate) stayed: bool,
    slots: u32,
    data: PathBuf,
    jobs: PathBuf,
    variables: Vec<(String, String)>,
}

impl Machine {
    /// One that is not signed in yet.
    pub(crate) fn prepared(stage: &Stage, name: &str, slots: u32) -> Self {
        let jobs = stage.path(&format!("{name}-jobs"));
        fs::create_dir_all(&jobs).unwrap();
        Self {
            name: name.to_owned(),
            network: Proxy::start(Vec::new()).unwrap(),
            child: None,
            armed: None,
            once: None,
            workers_armed: 0,
            stayed: false,
            slots,
            data: stage.path(name),
            jobs,
            // An agent that died begins again soon.
            variables: vec![("COORD_RETRY_BASE_MS".to_owned(), "500".to_owned())],
        }
    }

    /// Sets variables of its environment.
    pub(crate) fn with(&mut self, variables: &[(&str, String)]) {
        let owned = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
        self.variables.extend(variables.iter().map(owned));
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Where connections go.
    pub(crate) fn reaches(&self, coordinators: Vec<Target>) {
        self.network.set_targets(coordinators);
    }

    /// Starts it for the first time, signed in with a token of its own, and waits until it is online.
    pub(crate) fn join(&mut self, stage: &Stage, client: &Client) {
        let made = client.post("/api/v1/account/setup-tokens", &Value::Null);
        let token = made.unwrap()["token"].as_str().unwrap().to_owned();
        let file = stage.file(&format!("{}.token", self.name), token);
        self.start_with(stage, &["--token-file", &file.display().to_string()]);
        self.wait_until_online(stage);
    }

    /// Starts the service again.
    pub(crate) fn start(&mut self, stage: &Stage) {
        self.start_with(stage, &[]);
    }

    /// The same, to end when it comes to `place` for the so-many-th time; one of its workers,
    /// where the place is a worker's.
    pub(crate) fn start_armed(&mut self, stage: &Stage, place: &'static str, times: u64) {
        self.armed = Some(place);
        let mut run = stage.program(stage.coord_path());
        run = run.env(failpoints::VARIABLE, format!("{place}={times}"));
        if failpoints::WORKER.contains(&place) {
            self.workers_armed += 1;
            let once = stage.path(&format!("{}.once-{}", self.name, self.workers_armed));
            run = run.env(failpoints::ONCE, &once);
            self.once = Some(once);
        }
        self.run(stage, run, &[]);
    }

    /// The place at which one of its workers ended, once.
    pub(crate) fn worker_ended(&mut self) -> Option<&'static str> {
        self.once.take_if(|once| once.exists())?;
        self.armed.take()
    }

    fn start_with(&mut self, stage: &Stage, options: &[&str]) {
        self.run(stage, stage.program(stage.coord_path()), options);
    }

    fn run(&mut self, stage: &Stage, mut run: Run, options: &[&str]) {
        for (name, value) in &self.variables {
            run = run.env(name, value);
        }
        run = run
            .args(["runner", "start", "--no-input", "--name", &self.name])
            .args(["--slots", &self.slots.to_string()])
            .args(["--server", &self.network.url(), "--data"])
            .arg(&self.data)
            .arg("--workspace-dir")
            .arg(&self.jobs)
            .args(options);
        let said = stage.path(&format!("{}.log", self.name));
        self.child = Some(run.start(&said).unwrap());
    }

    /// `coord runner …` on this machine.
    pub(crate) fn coord(&self, stage: &Stage, arguments: &[&str]) -> Run {
        let run = stage.coord(["runner"]).args(arguments);
        run.arg("--data").arg(&self.data)
    }

    /// What the service says of itself; none while it does not answer.
    pub(crate) fn status(&self, stage: &Stage) -> Option<Value> {
        let said = self.coord(stage, &["status", "--json"]).run().stdout;
        serde_json::from_str(&said).ok()
    }

    pub(crate) fn wait_until_online(&self, stage: &Stage) {
        until(&format!("{} to be online", self.name), || {
            (self.status(stage)?["state"] == "online").then_some(())
        });
    }

    /// Sends the service a signal.
    pub(crate) fn signal(&self, signal: &str) {
        if let Some(child) = &self.child {
            processes::signal(child.id(), signal);
        }
    }

    /// Sends the service a signal after which it is gone.
    pub(crate) fn end(&mut self, signal: &str) {
        self.armed = None;
        self.once = None;
        if let Some(mut child) = self.child.take() {
            let ended = processes::end(&mut child, signal).unwrap();
            self.stayed |= ended.is_none();
        }
    }

    /// How the service ended, if it has gone by itself.
    pub(crate) fn has_gone(&mut self) -> Option<ExitStatus> {
        let ended = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(ended)
    }

    /// Processes of its attempts whose command line has `word`.
    pub(crate) fn processes(&self, word: &str) -> Vec<processes::Process> {
        let mut all = processes::below(&self.jobs);
        all.extend(processes::below(&self.data));
        let service = self.child.as_ref().map(Child::id);
        all.retain(|process| Some(process.id) != service && process.command.contains(word));
        all.sort_unstable_by_key(|process| process.id);
        all.dedup();
        all
    }

    /// The record of an attempt on its disk.
    pub(crate) fn record(&self, attempt: &str, file: &str) -> Option<String> {
        fs::read_to_string(self.data.join("attempts").join(attempt).join(file)).ok()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.end("KILL");
    }
}
