//! Where it is measured: a coordinator and one runner, each from a file of its own.

use std::{fs, path::PathBuf, process::Child, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{net::UnixDatagram, time::timeout};
use whole::{Stage, processes, program::built};

use crate::{
    agent::{self, REAL, STARTED},
    coordinator::Coordinator,
    say,
};

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A coordinator with its embedded database, and a runner that is online and idle.
pub(crate) struct Place {
    // Dropped first: the service ends before its folder goes.
    runner: Service,
    pub(crate) coordinator: Coordinator,
    /// Agents say here that they were started.
    started: UnixDatagram,
    stage: Stage,
}

/// The runner's service; it ends with this.
struct Service(Child);

impl Place {
    /// Starts everything, and waits until the runner is online.
    pub(crate) async fn ready() -> Result<Self> {
        say("starting a coordinator and a runner");
        let stage = Stage::ready();
        let coordinator = Coordinator::sign_in(stage.url()).await?;
        let folder = stage.path("bench");
        fs::create_dir(&folder)?;
        // A file of its own: pages that it shared with the coordinator would count half.
        fs::copy(built("COORD_TEST_COORD", "coord")?, folder.join(REAL))?;
        let agent = folder.join(agent::NAME);
        fs::copy(std::env::current_exe()?, &agent)?;
        let data = stage.path("runner");
        fs::create_dir(&data)?;
        fs::write(
            data.join("config.toml"),
            format!(
                "[agents.demo]\nprogram = {:?}\n",
                agent.display().to_string()
            ),
        )?;
        fs::create_dir(stage.path("jobs"))?;
        let started = UnixDatagram::bind(folder.join(STARTED))?;
        let service = stage
            .program(&folder.join(REAL))
            .args([
                "runner",
                "start",
                "--no-input",
                "--slots",
                "1",
                "--name",
                "bench",
            ])
            .args(["--server", stage.url(), "--data"])
            .arg(&data)
            .arg("--workspace-dir")
            .arg(stage.path("jobs"))
            .start(&stage.path("runner.log"))?;
        let place = Self {
            runner: Service(service),
            coordinator,
            started,
            stage,
        };
        place.coordinator.idle_runner().await?;
        Ok(place)
    }

    /// The process of the runner's service.
    pub(crate) fn service(&self) -> u32 {
        self.runner.0.id()
    }

    /// Where the bare steps keep their files: on the same disk.
    pub(crate) fn folder(&self) -> PathBuf {
        self.stage.path("bench")
    }

    /// The next start of an agent: nanoseconds between `since` and the first line of its `main`.
    pub(crate) async fn agent_started(&self, since: u64) -> Result<Duration> {
        let mut bytes = [0; 8];
        let heard = timeout(PATIENCE, self.started.recv(&mut bytes)).await;
        let count = heard.context("no agent was started in time")??;
        ensure!(count == bytes.len(), "an agent says something else");
        let at = u64::from_le_bytes(bytes);
        let passed = at
            .checked_sub(since)
            .context("an agent of an earlier job")?;
        Ok(Duration::from_nanos(passed))
    }

    /// Makes a job Ready, and says how long it took until its agent ran; comes back once all is quiet again.
    pub(crate) async fn job(&self, number: usize) -> Result<Duration> {
        let job: Value = self.coordinator.submit(number, "demo", false).await?;
        let id = job["id"].as_str().context("an id")?;
        let since = agent::now_ns();
        self.coordinator.make_ready(id).await?;
        let took = self.agent_started(since).await?;
        self.coordinator.done(id).await?;
        self.coordinator.idle_runner().await?;
        Ok(took)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        processes::signal(self.0.id(), "KILL");
        self.0.wait().ok();
    }
}
