//! The same steps as those of a job's start, with nothing around them.
//!
//! What the disk, the loopback and the system take at the least for: the call
//! that makes the job Ready, the commits of coordinator and runner, the answer to
//! the sync that waits, the sync that confirms, the start of a worker and of an
//! agent. One after the other where one needs the other, as in the product.
//!
//! Not here: anything that the product does with what it commits and sends.

mod database;
mod exchange;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use crate::{
    agent::{self, ONLY_SAY, REAL},
    place::Place,
};
use database::Database;
use exchange::{Exchange, ask};

/// Commits of the runner until its agent is started: the assignment is written
/// down, the work begins.
const RUNNER_COMMITS: [&str; 2] = ["assigned", "running"];

/// Everything that the bare steps use, opened before any time is taken.
pub(crate) struct Bare {
    folder: PathBuf,
    exchange: Exchange,
    journal: Database,
    person: TcpStream,
    runner: TcpStream,
}

impl Bare {
    /// Opens two databases and two connections.
    pub(crate) async fn ready(folder: &Path) -> Result<Self> {
        let exchange = Exchange::listen(Database::open(&folder.join("bare-coordinator.db")).await?);
        let exchange = exchange.await?;
        Ok(Self {
            folder: folder.to_owned(),
            journal: Database::open(&folder.join("bare-journal.db")).await?,
            person: exchange.connect().await?,
            runner: exchange.connect().await?,
            exchange,
        })
    }

    /// Goes through all steps once; the time until the agent's first line.
    pub(crate) async fn once(&mut self, place: &Place) -> Result<Duration> {
        // The runner's sync waits before anything happens.
        let parked = exchange::send(&mut self.runner, exchange::PARK).await;
        parked?;
        self.exchange.somebody_waits().await?;
        let since = agent::now_ns();
        let (made_ready, assigned) = tokio::join!(
            ask(&mut self.person, exchange::READY),
            exchange::answer(&mut self.runner)
        );
        made_ready?;
        assigned?;
        let [accepted, working] = RUNNER_COMMITS;
        self.journal.commit(accepted).await?;
        ask(&mut self.runner, exchange::CONFIRM).await?;
        self.journal.commit(working).await?;
        self.worker_is_up().await?;
        let mut agent = command(&self.folder.join(agent::NAME), ONLY_SAY).spawn()?;
        let took = place.agent_started(since).await?;
        agent.wait().await?;
        Ok(took)
    }

    /// Starts the program that workers are, until it says its first word.
    async fn worker_is_up(&self) -> Result<()> {
        let mut worker = command(&self.folder.join(REAL), "--version")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = worker.stdout.take().context("a worker's output")?;
        let mut word = [0; 8];
        ensure!(output.read(&mut word).await? > 0, "a worker says nothing");
        // It goes by itself; collecting it is not part of the way.
        Ok(())
    }
}

fn command(program: &Path, argument: &str) -> tokio::process::Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "bare means without the product's own way of starting programs"
    )]
    let mut command = tokio::process::Command::new(program);
    command
        .arg(argument)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}
