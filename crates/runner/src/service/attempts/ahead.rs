//! What is made ready while the coordinator confirms the lease: the worker, and folders.
//!
//! The start of a program takes longer than the steps between an assignment and
//! its work. So it begins as soon as the assignment has come. Until it gets the
//! word, the worker does nothing but get ready; it never gets it unless the
//! journal says that the work begins, and goes by itself when nobody is left to
//! give it, as after a crash of the service.

use std::{fs, sync::Arc};

use protocol::agent::AgentName;
use tokio::task::JoinHandle;

use super::{Entry, folders, watch};
use crate::{folder::JobFolder, service::shared::Shared};

/// A worker that waits for the word.
#[derive(Debug)]
pub(super) struct Ahead {
    worker: process::Ahead,
    /// What it sees of the owner's environment was made for this agent.
    agent: AgentName,
}

/// A worker that is being started ahead.
#[derive(Debug)]
pub(crate) struct Starting(JoinHandle<Option<Ahead>>);

impl Starting {
    /// Begins to make ready beside everything else.
    pub(crate) fn begin(shared: &Arc<Shared>, entry: &Arc<Entry>) -> Self {
        let (shared, entry) = (Arc::clone(shared), Arc::clone(entry));
        let tasks = shared.tasks.clone();
        Self(tasks.spawn_blocking(move || Ahead::start(&shared, &entry)))
    }

    /// The worker; none where it could not be started ahead.
    pub(super) async fn ready(self) -> Option<Ahead> {
        self.0.await.ok().flatten()
    }

    /// Lets the worker go without its word, and takes away what was made for it.
    pub(crate) async fn call_off(self, shared: &Shared, entry: &Entry) {
        drop(self.ready().await);
        folders::clear(shared, &entry.folder, &entry.assignment);
    }
}

impl Ahead {
    /// Starts the worker of `entry` ahead; none where its agent is not known yet, or it cannot be started.
    fn start(shared: &Shared, entry: &Entry) -> Option<Self> {
        let wish = entry.assignment.agent.as_ref();
        let agent = shared.capabilities().agent_for(wish)?.name.clone();
        let program = watch::program(shared, entry, &agent).argument("--ahead");
        let started = fs::create_dir_all(entry.folder.path())
            .map_err(|error| error.to_string())
            .and_then(|()| {
                process::start_ahead(&program, &watch::output(entry))
                    .map_err(|error| error.to_string())
            });
        // Made again when it is needed, so what goes wrong is told then.
        folders::make_record(entry).ok();
        if let Some(workspace_dir) = &shared.settings().workspace_dir {
            folders::make(&JobFolder::of(workspace_dir, &entry.assignment)).ok();
        }
        match started {
            Ok(worker) => Some(Self { worker, agent }),
            Err(error) => {
                tracing::debug!(attempt = %entry.id(), error, "no worker was started ahead");
                None
            }
        }
    }

    /// Gives the word; none when the worker is there no more, or is one for another agent.
    pub(super) fn go(self, agent: &AgentName) -> Option<process::Identity> {
        if self.agent != *agent {
            return None;
        }
        self.worker.go().ok()
    }
}
