//! What the service's loops share, and the few deeds that belong to none of them alone.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicU64},
};

use control::state::{AttemptSummary, RunningAttempt, WaitingApproval, WaitingQuestion};
use protocol::{
    agent::{Capabilities, Platform},
    api::ParkedView,
    ids::BootId,
    runner::{Assignment, Slots, Trouble},
    time::Timestamp,
};
use settings::{
    config::{Configuration, RunnerConfig},
    data_dir::DataDir,
};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    attempts::{Attempts, Command, Entry, Numbers, Place, Stage, Starting, clear_forgotten, live},
    ledger::{Ledger, LedgerError},
    outbox,
    rules::Rules,
    session::Session,
    standby::Standby,
    state::Board,
};
use crate::{clock, folder::AttemptFolder, options::Exit};

/// How many answers are remembered, for whoever comes too late.
const SETTLED_MAX: usize = 64;

/// This start of the service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Boot {
    pub(crate) id: BootId,
    /// Counts the starts on this data directory.
    pub(crate) number: u64,
}

/// What every loop may use.
pub(crate) struct Shared {
    pub(crate) data: PathBuf,
    /// Where that directory is.
    pub(crate) place: String,
    /// The lock on the data directory: given back when the last loop is gone.
    pub(crate) _lock: DataDir,
    pub(crate) runtime_dir: PathBuf,
    /// The program that has the commands `worker` and `demo-agent`.
    pub(crate) program: PathBuf,
    pub(crate) boot: Boot,
    pub(crate) platform: Platform,
    pub(crate) ledger: Ledger,
    pub(crate) board: Arc<Board>,
    pub(crate) session: Arc<Session>,
    /// The newest wish for a pause, made elsewhere, that was carried out.
    pub(crate) pause_revision: AtomicU64,
    pub(crate) attempts: Attempts,
    pub(crate) standby: Standby,
    /// How far this machine's calendar is from the coordinator's, as of the last answer.
    pub(crate) calendars_apart_ms: AtomicU64,
    /// Jobs that failed here one after the other.
    pub(crate) breaker: tokio::sync::Mutex<journal::Breaker>,
    /// What the owner allows always.
    pub(crate) rules: Rules,
    pub(crate) configuration: tokio::sync::Mutex<Configuration>,
    pub(crate) config: watch::Sender<Arc<RunnerConfig>>,
    /// Something changed that the coordinator should hear of now.
    pub(crate) sync_wanted: Notify,
    /// Where programs are, as far as it is known by now.
    pub(crate) search_path: watch::Sender<Vec<PathBuf>>,
    /// Agents should be looked for again.
    pub(crate) rescan: Notify,
    /// The machine should be looked at again.
    pub(crate) recheck: Notify,
    pub(crate) troubles: Mutex<Vec<Trouble>>,
    pub(crate) tasks: TaskTracker,
    /// Ends every loop; the workers run on.
    pub(crate) stop: CancellationToken,
    /// Set once, when the service is to end.
    pub(crate) exit: watch::Sender<Option<Exit>>,
}

impl Shared {
    /// The settings as they apply now.
    pub(crate) fn settings(&self) -> Arc<RunnerConfig> {
        Arc::clone(&self.config.borrow())
    }

    /// What the runner can do now, with the places of programs.
    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities {
            platform: self.platform.clone(),
            runner_version: env!("CARGO_PKG_VERSION").to_owned(),
            agents: self.board.now().agents.clone(),
            tools: self.board.now().tools.clone(),
        }
    }

    /// Capacity now.
    pub(crate) fn slots(&self) -> Slots {
        let total = self.settings().slots;
        Slots {
            total,
            free: self.attempts.free_of(total),
        }
    }

    /// Lets parked attempts go on whose time has come, as far as there are slots.
    pub(crate) fn unpark(&self) {
        self.attempts.unpark(self.settings().slots);
    }

    /// Goes on with every attempt that an earlier start was looking after.
    pub(crate) async fn take_up_again(self: &Arc<Self>) -> Result<(), LedgerError> {
        for attempt in self.ledger.remembered().await? {
            tracing::info!(
                attempt = %attempt.assignment.attempt_id, stage = ?attempt.stage,
                "an attempt of an earlier start is taken up again"
            );
            let (assignment, at) = (attempt.assignment, attempt.accepted_at);
            let (entry, commands) = self.entry(assignment, at, attempt.stage, attempt.acked);
            self.look_after(entry, commands, attempt.stage, None);
        }
        clear_forgotten(self);
        Ok(())
    }

    /// Writes an assignment down and begins to look after it; false when it is known already.
    pub(crate) async fn take_on(
        self: &Arc<Self>,
        assignment: Assignment,
    ) -> Result<bool, LedgerError> {
        if self.attempts.knows(assignment.attempt_id) {
            return Ok(false);
        }
        let (started_at, stage) = (clock::now(), Stage::Accepted);
        let (entry, commands) = self.entry(assignment, started_at, stage, Numbers::default());
        let ahead = Starting::begin(self, &entry);
        failpoints::reached("runner.worker.ahead");
        let written = self.ledger.accept(&entry.assignment, started_at).await;
        if !matches!(written, Ok(true)) {
            ahead.call_off(self, &entry).await;
            return written;
        }
        failpoints::reached("runner.assignment.written");
        let taken = self.look_after(entry, commands, stage, Some(ahead));
        self.sync_wanted.notify_one();
        Ok(taken)
    }

    fn entry(
        &self,
        assignment: Assignment,
        started_at: Timestamp,
        stage: Stage,
        acked: Numbers,
    ) -> (Arc<Entry>, mpsc::Receiver<Command>) {
        let folder = AttemptFolder::of(&self.data, assignment.attempt_id);
        let (entry, commands) = Entry::new(assignment, folder, started_at, stage.phase(), acked);
        (Arc::new(entry), commands)
    }

    /// Looks after an attempt from `stage` on, until nothing of it is left to do.
    fn look_after(
        self: &Arc<Self>,
        entry: Arc<Entry>,
        commands: mpsc::Receiver<Command>,
        stage: Stage,
        ahead: Option<Starting>,
    ) -> bool {
        if !self.attempts.insert(Arc::clone(&entry)) {
            return false;
        }
        self.show_attempts();
        let outbox_ends = self.stop.child_token();
        let sending = outbox::run(Arc::clone(self), Arc::clone(&entry), outbox_ends.clone());
        self.tasks.spawn(sending);
        let place = Place {
            shared: Arc::clone(self),
            entry,
            commands,
            stage,
            ahead,
        };
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = live(place) => {}
            }
            outbox_ends.cancel();
        });
        true
    }

    /// Lets go of an attempt that never began.
    pub(crate) async fn forget(&self, entry: &Entry) {
        if let Err(error) = self.ledger.remove(entry.id()).await {
            tracing::error!(%error, "an attempt could not be taken out of the journal");
        }
        self.let_go(entry);
    }

    /// Lets go of an attempt whose record is complete, and remembers how it ended.
    pub(crate) async fn finish(&self, entry: &Entry, summary: AttemptSummary) {
        if let Err(error) = self
            .ledger
            .finish(&entry.assignment.workspace, summary)
            .await
        {
            tracing::error!(%error, "an ended attempt could not be written into the history");
        }
        self.let_go(entry);
    }

    fn let_go(&self, entry: &Entry) {
        self.attempts.release(entry.id());
        self.unpark();
        self.show_attempts();
        // A slot is free again.
        self.sync_wanted.notify_one();
    }

    /// Brings the attempts in the state up to date.
    pub(crate) fn show_attempts(&self) {
        let entries = self.attempts.all();
        let slots = self.slots();
        self.board.update(|state| {
            state.slots = slots;
            state.attempts = entries.iter().map(|entry| running(entry)).collect();
            state.approvals = entries.iter().flat_map(|entry| approvals(entry)).collect();
            state.questions = entries.iter().flat_map(|entry| questions(entry)).collect();
            for settled in entries.iter().flat_map(|entry| entry.view().settled) {
                if state.settled.iter().all(|known| known.id != settled.id) {
                    state.settled.push(settled);
                }
            }
            let too_many = state.settled.len().saturating_sub(SETTLED_MAX);
            state.settled.drain(..too_many);
        });
    }

    /// Says that something is wrong with the machine, or not any more.
    pub(crate) fn trouble(&self, code: &str, message: Option<String>) {
        let mut troubles = self
            .troubles
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        troubles.retain(|trouble| trouble.code != code);
        if let Some(message) = message {
            troubles.push(Trouble {
                code: code.to_owned(),
                message,
            });
        }
        let now = troubles.clone();
        drop(troubles);
        if self.board.now().troubles != now {
            self.board.update(|state| state.troubles = now);
            self.sync_wanted.notify_one();
        }
    }

    /// Ends the service; the first reason counts.
    pub(crate) fn end(&self, exit: Exit) {
        self.exit.send_if_modified(|set| {
            let first = set.is_none();
            set.get_or_insert(exit);
            first
        });
    }
}

fn running(entry: &Entry) -> RunningAttempt {
    let view = entry.view();
    let assignment = &entry.assignment;
    RunningAttempt {
        attempt_id: entry.id(),
        job_id: assignment.job_id,
        job_number: assignment.job_number,
        attempt_number: assignment.attempt_number,
        title: assignment.title.clone(),
        workspace: assignment.workspace.clone(),
        agent: view.agent,
        phase: entry.held().phase,
        started_at: entry.started_at,
        last_action: view.last_action,
        folder: view.folder,
        url: assignment.url.clone(),
        worker_answers: view.worker_answers,
        cancelling: view.cancelling,
        parked: view.parked.map(|parked| ParkedView {
            until: parked.until,
            reason: parked.reason,
        }),
    }
}

fn approvals(entry: &Entry) -> Vec<WaitingApproval> {
    let view = entry.view();
    let waiting = |approval| WaitingApproval {
        attempt_id: entry.id(),
        job_number: entry.assignment.job_number,
        title: entry.assignment.title.clone(),
        agent: view.agent.clone(),
        approval,
    };
    view.approvals.iter().cloned().map(waiting).collect()
}

fn questions(entry: &Entry) -> Vec<WaitingQuestion> {
    let view = entry.view();
    let waiting = |question| WaitingQuestion {
        attempt_id: entry.id(),
        job_number: entry.assignment.job_number,
        title: entry.assignment.title.clone(),
        agent: view.agent.clone(),
        question,
    };
    view.questions.iter().cloned().map(waiting).collect()
}
