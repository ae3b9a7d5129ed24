//! What is made ready while the coordinator confirms the lease: the worker, and folders.
//!
//! The worker is the one that waits (`standby`), or one that is started as soon as the
//! assignment has come. Until it gets the word, it does nothing but get ready; it never
//! gets it unless the journal says that the work begins, and goes by itself when nobody
//! is left to give it, as after a crash of the service.

use std::{fs, sync::Arc};

use protocol::agent::AgentName;
use tokio::task::JoinHandle;

use super::{Entry, folders, watch};
use crate::{
    folder::JobFolder,
    service::{
        shared::Shared,
        standby::{self, Beginning},
    },
    worker::word::Word,
};

/// A worker that waits for the word.
#[derive(Debug)]
pub(super) struct Ahead {
    worker: process::Ahead,
    _beginning: Beginning,
}

/// A worker that is being made ready.
#[derive(Debug)]
pub(crate) struct Starting(JoinHandle<Option<Ahead>>);

impl Starting {
    /// Begins to make ready beside everything else.
    pub(crate) fn begin(shared: &Arc<Shared>, entry: &Arc<Entry>) -> Self {
        let (shared, entry) = (Arc::clone(shared), Arc::clone(entry));
        let (tasks, beginning) = (shared.tasks.clone(), shared.standby.begin());
        Self(tasks.spawn_blocking(move || Ahead::ready(&shared, &entry, beginning)))
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
    /// Makes the worker of `entry` ready; none where it cannot be started.
    fn ready(shared: &Shared, entry: &Entry, beginning: Beginning) -> Option<Self> {
        let output = entry.folder.worker_output();
        // Made again when it is needed, so what goes wrong is told then.
        fs::create_dir_all(entry.folder.path()).ok();
        let worker = shared.standby.take(&output).or_else(|| {
            standby::start(shared, &output)
                .inspect_err(|error| {
                    tracing::debug!(attempt = %entry.id(), %error, "no worker was started ahead");
                })
                .ok()
        });
        folders::make_record(entry).ok();
        if let Some(workspace_dir) = &shared.settings().workspace_dir {
            folders::make(&JobFolder::of(workspace_dir, &entry.assignment)).ok();
        }
        Some(Self {
            worker: worker?,
            _beginning: beginning,
        })
    }

    /// Gives the word; none when the worker is there no more, or cannot be told.
    pub(super) fn go(
        self,
        shared: &Shared,
        entry: &Entry,
        agent: &AgentName,
    ) -> Option<process::Identity> {
        let word = Word {
            attempt: entry.folder.path().to_owned(),
            environment: watch::environment(shared, agent),
        };
        word.tell(self.worker)
            .inspect_err(|error| {
                tracing::debug!(attempt = %entry.id(), %error, "another worker is started");
            })
            .ok()
    }
}
