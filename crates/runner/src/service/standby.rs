//! The worker that waits before there is work for it.
//!
//! The start of a program takes longer than all that lies between an assignment and
//! its work, and what starts in between holds up the commits. So while the runner may
//! be given a job, a worker waits that knows of no attempt, and has nothing of any
//! agent's environment. It hears on its input which attempt is its own, and goes by
//! itself when nobody is left to tell it. The next one is started once the agent of
//! the job before is under way.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use control::state::{Connection, ServiceState};
use process::{Ahead, StartError};
use protocol::{agent::AgentStatus, job::Phase};

use super::{capabilities, shared::Shared};

/// Where the worker that waits prints to.
const OUTPUT: &str = "standby.log";

/// Time for a worker to go that hears that nobody is left to tell it anything.
const GO_PATIENCE: Duration = Duration::from_secs(2);
/// Time between two looks whether it is gone.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The place of the one worker that waits.
#[derive(Debug)]
pub(crate) struct Standby {
    waiting: Mutex<Option<Ahead>>,
    output: PathBuf,
    /// Held by everybody whose worker is being made ready.
    beginning: Arc<()>,
}

/// A job whose worker is being made ready; no other is started before this is dropped.
#[derive(Debug)]
pub(crate) struct Beginning {
    _held: Arc<()>,
}

impl Standby {
    /// Nobody waits yet; the directory is the runner's own.
    pub(crate) fn new(data: &Path) -> Self {
        Self {
            waiting: Mutex::default(),
            output: data.join(OUTPUT),
            beginning: Arc::new(()),
        }
    }

    /// Says that a job begins.
    pub(crate) fn begin(&self) -> Beginning {
        Beginning {
            _held: Arc::clone(&self.beginning),
        }
    }

    fn nobody_begins(&self) -> bool {
        Arc::strong_count(&self.beginning) == 1
    }

    /// The worker that waits, from here on printing to `output`; none where there is none.
    pub(crate) fn take(&self, output: &Path) -> Option<Ahead> {
        let worker = self.waiting().take()?;
        fs::rename(&self.output, output)
            .inspect_err(|error| tracing::debug!(%error, "the worker that waited prints nowhere"))
            .ok()?;
        Some(worker)
    }

    /// Lets the worker that waits go, and waits until it is gone.
    pub(crate) async fn clear(&self) {
        let Some(worker) = self.waiting().take() else {
            return;
        };
        let identity = worker.identity();
        drop(worker);
        let gone = async {
            while process::is_alive(identity) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        if tokio::time::timeout(GO_PATIENCE, gone).await.is_err() {
            process::end_all(identity, None).await;
        }
        fs::remove_file(&self.output).ok();
    }

    fn fill(&self, shared: &Shared) -> Result<(), StartError> {
        let mut waiting = self.waiting();
        if waiting.is_none() {
            // Of one that was never needed; open files keep what they are.
            fs::remove_file(&self.output).ok();
            *waiting = Some(start(shared, &self.output)?);
        }
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Ahead>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a worker that waits for a word, and prints to `output`.
pub(crate) fn start(shared: &Shared, output: &Path) -> Result<Ahead, StartError> {
    let program = process::Program::new(&shared.program)
        .argument("worker")
        .environment(capabilities::environment_of_workers())
        .environment(failpoints::handed_on())
        .folder(&shared.data);
    let detached = process::Detached {
        output: Some(output.to_owned()),
    };
    process::start_ahead(&program, &detached)
}

/// Sees to it that a worker waits, whenever there may be work for it.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut board = shared.board.watch();
    loop {
        let state = Arc::clone(&board.borrow_and_update());
        if !may_be_needed(&state) {
            // To its end, also when the service stops meanwhile.
            let clearing = Arc::clone(&shared);
            let cleared = shared
                .tasks
                .spawn(async move { clearing.standby.clear().await });
            cleared.await.ok();
        } else if is_calm(&state) && shared.standby.nobody_begins() {
            let filling = Arc::clone(&shared);
            let filled = shared
                .tasks
                .spawn_blocking(move || filling.standby.fill(&filling));
            let filled = filled.await.map_err(io::Error::other);
            if let Err(error) = filled.and_then(|filled| filled.map_err(io::Error::other)) {
                tracing::debug!(%error, "no worker waits for the next job");
            }
        }
        if board.changed().await.is_err() {
            return;
        }
    }
}

/// Whether this runner could be given a job.
fn may_be_needed(state: &ServiceState) -> bool {
    let signed_in = matches!(
        state.connection,
        Connection::Connecting | Connection::Online | Connection::Offline { .. }
    );
    let takes_jobs = !state.draining && state.paused.is_none();
    signed_in && takes_jobs && state.agents.iter().any(AgentStatus::is_usable)
}

/// Whether the start of a program is in nobody's way: the coordinator answers, and the
/// agents of all jobs are under way.
fn is_calm(state: &ServiceState) -> bool {
    let begins = |phase| matches!(phase, Phase::Assigned | Phase::Preparing);
    let mut attempts = state.attempts.iter();
    state.connection == Connection::Online
        && attempts.all(|attempt| {
            !begins(attempt.phase) && (attempt.phase != Phase::Running || attempt.worker_answers)
        })
}
