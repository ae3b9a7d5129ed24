//! The service before a fake coordinator, with real workers and the demo agent.

mod ahead;
mod keep;
mod owner;
mod sign_in;
mod trouble;
mod work;

use std::{path::PathBuf, sync::Arc, time::Duration};

use control::{Client, state::ServiceState};
use futures::FutureExt as _;
use libtest_mimic::Trial;
use protocol::{
    agent::AgentName,
    ids::{AttemptId, JobId, WorkspaceId},
    job::JobContext,
    runner::Assignment,
};
use runner::{Exit, Options};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinSet};

use crate::{
    fake::{Kept, Running},
    worker::until,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = work::trials();
    trials.extend(trouble::trials());
    trials.extend(sign_in::trials());
    trials.extend(ahead::trials());
    trials.extend(owner::trials());
    trials.extend(keep::trials());
    trials
}

/// Runs a service that leaves the keyring of whoever runs the tests alone.
async fn run(
    options: Options,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<Exit, runner::Error> {
    runner::service::run_with(options, settings::credentials::Choice::File, shutdown).await
}

/// A machine with a runner on it.
struct Machine {
    folder: TempDir,
    server: String,
    login: bool,
}

/// A service that runs.
struct Service {
    shutdown: Option<oneshot::Sender<()>>,
    tasks: JoinSet<Result<Exit, runner::Error>>,
}

impl Service {
    /// Goes away as after a signal; the workers run on.
    async fn detach(mut self) -> Exit {
        self.shutdown.take();
        self.ended().await
    }

    async fn ended(&mut self) -> Exit {
        self.tasks.join_next().await.unwrap().unwrap().unwrap()
    }

    /// Ends between two instructions, as with kill -9.
    async fn kill(mut self) {
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Machine {
    fn new(coordinator: &Running) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self {
            folder,
            server: coordinator.url(),
            login: true,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn options(&self) -> Options {
        let login = self.login;
        Options {
            data: self.data(),
            server: Some(self.server.clone()),
            workspace_dir: Some(self.folder.path().join("work")),
            name: Some("runner".to_owned()),
            slots: Some(2),
            no_input: false,
            account_login: login.then(|| -> runner::AccountLogin {
                Arc::new(|_| async { Some("coa_login".to_owned()) }.boxed())
            }),
            program: None,
        }
    }

    fn start(&self) -> Service {
        let (shutdown, asked) = oneshot::channel::<()>();
        let mut tasks = JoinSet::new();
        let options = self.options();
        tasks.spawn(async move {
            let shutdown = async {
                asked.await.ok();
            }
            .shared();
            loop {
                match run(options.clone(), shutdown.clone()).await {
                    // The one before has not quite gone.
                    Err(runner::Error::Data(_)) => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    done => return done,
                }
            }
        });
        Service {
            shutdown: Some(shutdown),
            tasks,
        }
    }

    async fn client(&self) -> Client {
        loop {
            if let Ok(client) = Client::connect(&self.data()).await {
                return client;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for a state in which `wanted` finds something.
    async fn state<T>(&self, wanted: impl Fn(&ServiceState) -> Option<T>) -> T {
        loop {
            if let Ok(state) = self.client().await.state().await
                && let Some(found) = wanted(&state)
            {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What an attempt keeps on this machine's disk.
    fn disk(&self, id: AttemptId, file: &str) -> String {
        let path = self.data().join("attempts").join(id.to_string()).join(file);
        std::fs::read_to_string(path).unwrap()
    }
}

fn assignment(number: u64, instructions: &str) -> Assignment {
    Assignment {
        attempt_id: AttemptId(uuid::Uuid::now_v7()),
        fence: 1,
        job_id: JobId(uuid::Uuid::now_v7()),
        workspace_id: WorkspaceId(uuid::Uuid::now_v7()),
        workspace: "Team".to_owned(),
        job_number: number,
        attempt_number: 1,
        title: "A job".to_owned(),
        instructions: instructions.to_owned(),
        context: JobContext::Local,
        agent: Some(AgentName::new(AgentName::DEMO)),
        inputs: vec![],
        url: "http://fake/jobs/1".to_owned(),
        submitter: None,
        shared: false,
        model: None,
        extra_arguments: Vec::new(),
        house_rules: None,
        earlier: Vec::new(),
    }
}

fn hand_out(coordinator: &Running, instructions: &str) -> AttemptId {
    let assignment = assignment(1, instructions);
    let id = assignment.attempt_id;
    coordinator
        .fake
        .change(|facts| facts.assignments.push(assignment));
    id
}

async fn outcome(coordinator: &Running, id: AttemptId) -> Kept {
    let ended = || {
        let facts = coordinator.fake.facts();
        facts
            .kept
            .get(&id)
            .filter(|kept| kept.outcome().is_some())
            .cloned()
    };
    until(|| ended().is_some()).await;
    ended().unwrap()
}

/// The coordinator has exactly what stands on the machine's disk.
fn assert_whole(machine: &Machine, id: AttemptId, kept: &Kept) {
    let outcome = kept.outcome().unwrap();
    assert_eq!(outcome.log_last, kept.log.len() as u64);
    assert_eq!(outcome.log_sha256, kept.log_sha256());
    let log = machine.disk(id, "log.ndjson");
    assert_eq!(
        protocol::digest::sha256_hex(log.as_bytes()),
        kept.log_sha256()
    );
    let events = machine.disk(id, "events.ndjson");
    assert_eq!(events.lines().count(), kept.events.len());
}
