//! A coordinator that may be killed, and its way to the database.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, ExitStatus},
};

use whole::{
    Run, Stage, processes,
    proxy::{Proxy, Target},
};

/// What all coordinators of a field share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    /// The address under which people and runners know them.
    pub(crate) public_url: String,
    /// The name of the database.
    pub(crate) database: String,
    /// Silence that is borne: the lease and the grace, in seconds.
    pub(crate) terms: (u64, u64),
}

/// One coordinator.
pub(crate) struct Coordinator {
    pub(crate) name: String,
    /// Between it and the database.
    pub(crate) database: Proxy,
    pub(crate) child: Option<Child>,
    /// The place where it will end, when it was started to end there.
    pub(crate) armed: Option<&'static str>,
    /// Whether it once did not end although it was told to.
    pub(crate) stayed: bool,
    /// Where it listens, once that is known.
    pub(crate) address: Option<SocketAddr>,
    common: Common,
    variables: Vec<(String, String)>,
}

impl Coordinator {
    /// One that is not started yet.
    pub(crate) fn prepared(stage: &Stage, name: &str, database: Target, common: &Common) -> Self {
        let data = stage.path(name);
        fs::create_dir_all(&data).unwrap();
        let (lease, grace) = common.terms;
        let settings = format!(
            "[sign_in]\ndevice_interval_s = 1\n\
             [leases]\nlease_s = {lease}\ngrace_s = {grace}\n\
             [objects]\nfolder = {:?}\n",
            stage.path("objects").display().to_string()
        );
        fs::write(data.join("coordinator.toml"), settings).unwrap();
        Self {
            name: name.to_owned(),
            database: Proxy::start(vec![database]).unwrap(),
            child: None,
            armed: None,
            stayed: false,
            address: None,
            common: common.clone(),
            variables: Vec::new(),
        }
    }

    /// Sets variables of its environment.
    pub(crate) fn with(&mut self, variables: &[(&str, String)]) {
        let owned = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
        self.variables.extend(variables.iter().map(owned));
    }

    /// Starts it; where it listens shows later.
    pub(crate) fn start(&mut self, stage: &Stage) {
        self.run(stage, stage.program(stage.coord_path()));
    }

    /// The same, to end when it comes to `place` for the so-many-th time.
    pub(crate) fn start_armed(&mut self, stage: &Stage, place: &'static str, times: u64) {
        self.armed = Some(place);
        let run = stage.program(stage.coord_path());
        self.run(
            stage,
            run.env(failpoints::VARIABLE, format!("{place}={times}")),
        );
    }

    fn run(&mut self, stage: &Stage, mut run: Run) {
        let database = format!(
            "postgres://coord@{}/{}?sslmode=disable",
            self.database.address(),
            self.common.database
        );
        let said = stage.path(&format!("{}.out", self.name));
        self.address = None;
        run = run.args(["server", "--json", "--listen", "127.0.0.1:0"]);
        for (name, value) in &self.variables {
            run = run.env(name, value);
        }
        let started = run
            .args(["--public-url", &self.common.public_url])
            .args(["--database", &database, "--data"])
            .arg(stage.path(&self.name))
            .start(&said);
        self.child = Some(started.unwrap());
    }

    /// Sends it a signal after which it is gone.
    pub(crate) fn end(&mut self, signal: &str) {
        self.armed = None;
        if let Some(mut child) = self.child.take() {
            let ended = processes::end(&mut child, signal).unwrap();
            self.stayed |= ended.is_none();
        }
        self.address = None;
    }

    /// Looks where it listens, and how it ended, if it has gone by itself.
    pub(crate) fn look(&mut self) -> Option<ExitStatus> {
        let child = self.child.as_mut()?;
        let ended = child.try_wait().unwrap();
        if ended.is_some() {
            self.child = None;
            self.address = None;
        } else if self.address.is_none() {
            self.address = processes::listening(child.id());
        }
        ended
    }
}

impl Drop for Coordinator {
    fn drop(&mut self) {
        self.end("KILL");
    }
}
