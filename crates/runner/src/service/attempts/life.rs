//! The life of one attempt on this machine, from its assignment to its last acknowledged entry.
//!
//! Each step is in the journal before it is taken, unless it may be taken again, so
//! the service may be killed anywhere and goes on from where it was.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use lifecycle::held::Held;
use protocol::{
    job::{Failure, FailureClass, Outcome, OutcomeKind, Phase},
    record::{Event, EventEntry},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use super::{
    Command, Entry, Numbers,
    ahead::Starting,
    prepare, publish, watch,
    words::{ending, lost, not_ours, outcome, refuse},
};
use crate::{
    clock,
    record::{EventLog, StreamReader, recover},
    service::{breaker, shared::Shared},
    worker::{
        self,
        plan::{self, AgentSession, LaunchPlan, WorkResult, WorkerIdentity},
    },
};

/// Time for a worker that was being started when the service died to make itself known.
const BIRTH_PATIENCE: Duration = Duration::from_secs(3);

/// Longest that the record's beginning waits for the agent's start, as when inputs are fetched.
const HURRY_MAX: Duration = Duration::from_millis(100);

/// Goes when the agent is on its way, or will not be.
type Hurry = oneshot::Sender<Infallible>;

/// Time between two looks at a worker that answers and cannot write down who it is.
const NAMELESS_LOOK_EVERY: Duration = Duration::from_millis(500);

/// How far an attempt has come, as the journal knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Written down; the lease is not confirmed.
    Accepted,
    /// Folder and inputs are made ready. Not written down: all of it may be done again.
    Preparing,
    /// A worker was started, or is about to be.
    Working,
    /// The worker is gone, and its result is handed over.
    Publishing,
}

impl Stage {
    /// The phase in which the coordinator sees it.
    pub(crate) fn phase(self) -> Phase {
        match self {
            Self::Accepted => Phase::Assigned,
            Self::Preparing => Phase::Preparing,
            Self::Working => Phase::Running,
            Self::Publishing => Phase::Publishing,
        }
    }
}

/// An attempt with everything that its life needs.
pub(crate) struct Place {
    pub(crate) shared: Arc<Shared>,
    pub(crate) entry: Arc<Entry>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) stage: Stage,
    /// Begun before the assignment was written down.
    pub(crate) ahead: Option<Starting>,
}

impl Place {
    pub(super) async fn run(&mut self) -> io::Result<()> {
        // Without the journal's word that the work begins, no worker was ever told to.
        let perhaps_started = self.stage == Stage::Working;
        let mut ahead = None;
        if self.stage == Stage::Accepted {
            let starting = self.ahead.take();
            let starting = starting.unwrap_or_else(|| Starting::begin(&self.shared, &self.entry));
            let begun = self.begin().await;
            let Some(begun) = begun else {
                starting.call_off(&self.shared, &self.entry).await;
                self.shared.forget(&self.entry).await;
                return Ok(());
            };
            // Nothing that cannot be done again follows before the journal says that the work
            // begins; after a crash the lease is asked for once more.
            self.entered(begun);
            ahead = Some(starting);
        }
        let (hurry, calm) = oneshot::channel();
        if self.stage == Stage::Preparing {
            let kept = self.first_event(calm)?;
            tokio::try_join!(kept, self.go_on(ahead, perhaps_started, hurry))?;
            return Ok(());
        }
        self.go_on(ahead, perhaps_started, hurry).await
    }

    /// Lives on, from a confirmed lease.
    async fn go_on(
        &mut self,
        ahead: Option<Starting>,
        perhaps_started: bool,
        hurry: Hurry,
    ) -> io::Result<()> {
        if self.stage == Stage::Preparing {
            match self.prepare().await {
                Ok(plan) => self.enter_work(&plan).await?,
                Err(end) => {
                    self.settle_without_worker(end)?;
                    self.enter(Stage::Publishing).await?;
                }
            }
        }
        if self.stage == Stage::Working {
            self.work(ahead, perhaps_started, hurry).await?;
            self.enter(Stage::Publishing).await?;
        } else {
            drop(hurry);
        }
        let result = self.result().await?;
        let begun = self.look_for(|event| matches!(event, Event::SessionStarted { .. }))?;
        failpoints::reached("runner.result.read");
        breaker::take_in(&self.shared, &self.entry, &result, begun).await;
        publish::publish(self, result).await
    }

    /// Waits for the lease; none when the attempt goes back without having begun.
    async fn begin(&mut self) -> Option<Stage> {
        let mut lease = self.entry.lease();
        loop {
            tokio::select! {
                held = lease.wait_for(|held| held.stopped.is_some() || held.phase != Phase::Assigned) => {
                    let stopped = held.is_ok_and(|held| held.stopped.is_some());
                    return (!stopped).then_some(Stage::Preparing);
                }
                Some(command) = self.commands.recv() => match ending(&command) {
                    Some(_) => return None,
                    None => refuse(command),
                },
            }
        }
    }

    async fn prepare(&mut self) -> Result<LaunchPlan, Outcome> {
        let preparing = prepare::prepare(&self.shared, &self.entry);
        tokio::pin!(preparing);
        let mut lease = self.entry.lease();
        loop {
            tokio::select! {
                prepared = &mut preparing => {
                    return prepared.map_err(|failure| outcome(OutcomeKind::Failed, Some(failure), None));
                }
                Ok(held) = lease.wait_for(|held: &Held| held.stopped.is_some()) => {
                    let because = held.stopped.map(not_ours);
                    return Err(outcome(OutcomeKind::Interrupted, None, because));
                }
                Some(command) = self.commands.recv() => match ending(&command) {
                    Some((kind, summary)) => return Err(outcome(kind, None, Some(summary))),
                    None => refuse(command),
                },
            }
        }
    }

    /// Starts the worker, or finds the one that was started before, and stays until it is gone.
    async fn work(
        &mut self,
        ahead: Option<Starting>,
        perhaps_started: bool,
        hurry: Hurry,
    ) -> io::Result<()> {
        let Some(plan) = plan::read_for_now::<LaunchPlan>(&self.entry.folder.launch())? else {
            // The journal says that it was written before: the machine stopped, or somebody removed it.
            let why = "what its agent was to be started with is not there any more";
            return self.settle_without_worker(lost(why));
        };
        self.show(&plan);
        let ahead = match ahead {
            Some(starting) => starting.ready().await,
            None => None,
        };
        let ready = ahead.and_then(|ahead| ahead.go(&self.shared, &self.entry, &plan.agent));
        let started = if ready.is_some() {
            ready
        } else if perhaps_started && self.was_started(&plan).await? {
            None
        } else {
            match watch::start(&self.shared, &self.entry, &plan.agent) {
                Ok(process) => Some(process),
                Err(error) => {
                    let failure = Failure {
                        class: FailureClass::Config,
                        message: format!("The worker could not be started: {error}."),
                        hint: None,
                        until: None,
                    };
                    return self.settle_without_worker(outcome(
                        OutcomeKind::Failed,
                        Some(failure),
                        None,
                    ));
                }
            }
        };
        failpoints::reached("runner.worker.started");
        drop(hurry);
        watch::stay(
            &self.shared,
            &self.entry,
            &plan,
            started,
            &mut self.commands,
        )
        .await?;
        self.entry.worker_done();
        self.entry.set_going_on(false);
        self.entry.change_view(|view| {
            view.worker_pid = None;
            view.worker_answers = false;
            view.parked = None;
            view.approvals.clear();
            view.questions.clear();
        });
        crate::link::remove(&plan.socket);
        self.shared.show_attempts();
        Ok(())
    }

    /// Whether a worker was started in an earlier life of the service.
    async fn was_started(&self, plan: &LaunchPlan) -> io::Result<bool> {
        let folder = &self.entry.folder;
        if plan::read::<WorkResult>(&folder.result())?.is_some() {
            return Ok(true);
        }
        let deadline = tokio::time::Instant::now() + BIRTH_PATIENCE;
        // Its output file is made with it, before it can write anything else.
        while folder.worker_output().exists() {
            if plan::read_for_now::<WorkerIdentity>(&folder.worker())?.is_some() {
                return Ok(true);
            }
            let late = tokio::time::Instant::now() > deadline;
            if late && watch::somebody_answers(&self.shared, plan).await {
                // It lives, and only finds no room to write down who it is.
                self.entry.worker_answered();
                tokio::time::sleep(NAMELESS_LOOK_EVERY).await;
            } else if late {
                // It died before it could say who it is, and before any agent was started.
                return Ok(folder.session().exists());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(false)
    }

    fn show(&self, plan: &LaunchPlan) {
        self.entry.change_view(|view| {
            view.agent = Some(plan.agent.clone());
            view.folder = Some(plan.job_folder.display().to_string());
        });
        self.shared.show_attempts();
    }

    /// What the worker left; when it died without a word, the end that follows from that.
    async fn result(&self) -> io::Result<WorkResult> {
        let path = self.entry.folder.result();
        match plan::read::<WorkResult>(&path) {
            Ok(Some(result)) => return Ok(result),
            Ok(None) => {}
            // Half a file cannot be: it is renamed into place. Somebody changed it.
            Err(error) => tracing::warn!(%error, "the worker's result cannot be read"),
        }
        self.end_leftovers().await?;
        self.settle_without_worker(lost("the process that looked after the agent died"))?;
        plan::read(&path)?.ok_or_else(|| io::Error::other("the result has disappeared"))
    }

    /// Ends what an agent's worker could not end any more.
    async fn end_leftovers(&self) -> io::Result<()> {
        let mark = process::Mark {
            name: worker::MARK.to_owned(),
            value: self.entry.id().to_string(),
        };
        let session: Option<AgentSession> = plan::read_for_now(&self.entry.folder.session())?;
        let mut count = 0;
        if let Some(agent) = session.and_then(|session| session.process) {
            count += process::end_all(agent, Some(mark.clone())).await;
        }
        for stray in process::marked(&mark) {
            count += process::end_all(stray, Some(mark.clone())).await;
        }
        if count > 0 {
            tracing::info!(attempt = %self.entry.id(), count, "processes of a dead worker were ended");
        }
        Ok(())
    }

    /// Writes the result in the place of a worker, with everything that the record holds.
    fn settle_without_worker(&self, mut outcome: Outcome) -> io::Result<()> {
        let folder = &self.entry.folder;
        std::fs::create_dir_all(folder.path())?;
        let log = recover(&folder.log())?;
        outcome.log_last = log.last;
        outcome.log_sha256 = log.digest.hex();
        let result = WorkResult {
            outcome,
            files: Vec::new(),
        };
        plan::write(&folder.result(), &result)
    }

    async fn enter(&mut self, stage: Stage) -> io::Result<()> {
        let written = self.shared.ledger.stage(self.entry.id(), stage).await;
        written.map_err(io::Error::other)?;
        failpoints::reached("runner.stage.written");
        self.entered(stage);
        Ok(())
    }

    /// As [`Self::enter`], with what is known of the work, in one go to the disk.
    async fn enter_work(&mut self, plan: &LaunchPlan) -> io::Result<()> {
        let folder = plan.job_folder.display().to_string();
        let ledger = &self.shared.ledger;
        let written = ledger.working(self.entry.id(), &folder, &plan.agent).await;
        written.map_err(io::Error::other)?;
        failpoints::reached("runner.work.written");
        self.entered(Stage::Working);
        Ok(())
    }

    fn entered(&mut self, stage: Stage) {
        self.stage = stage;
        self.entry.enter(stage.phase());
        self.shared.show_attempts();
    }

    /// Begins the record; what comes back waits until the disk has it, and lets others hear of
    /// it. The disk is asked once it is in nobody's way.
    fn first_event(
        &self,
        calm: oneshot::Receiver<Infallible>,
    ) -> io::Result<impl Future<Output = io::Result<()>> + use<>> {
        let entry = Arc::clone(&self.entry);
        std::fs::create_dir_all(entry.folder.path())?;
        let mut log = EventLog::open(&entry.folder.events())?;
        let new = log.last() == 0;
        if new {
            let phase = Phase::Preparing;
            log.append_ahead(clock::now(), Event::PhaseChanged { phase })?;
        }
        let events = log.last();
        Ok(async move {
            tokio::time::timeout(HURRY_MAX, calm).await.ok();
            let synced = tokio::task::spawn_blocking(move || log.sync());
            synced.await.map_err(io::Error::other)??;
            if new {
                // A worker may have written more by now.
                let further = |written: &mut Numbers| written.events = written.events.max(events);
                entry.written.send_modify(further);
            }
            Ok(())
        })
    }

    /// Appends an event, while there is no worker that does.
    pub(super) fn append(&self, event: Event) -> io::Result<()> {
        let mut log = EventLog::open(&self.entry.folder.events())?;
        let events = log.append(clock::now(), event)?;
        self.entry
            .written
            .send_modify(|written| written.events = events);
        Ok(())
    }

    /// Finds out what the record holds, and whether `wanted` is in it.
    pub(super) fn look_for(&self, wanted: impl Fn(&Event) -> bool) -> io::Result<bool> {
        let folder = &self.entry.folder;
        let numbers = Numbers {
            events: recover(&folder.events())?.last,
            log: recover(&folder.log())?.last,
        };
        self.entry.written.send_replace(numbers);
        let mut reader = StreamReader::new(folder.events());
        let mut after = 0;
        loop {
            let entries: Vec<EventEntry> = reader.after(after, 1000, 1024 * 1024)?;
            let Some(last) = entries.last() else {
                return Ok(false);
            };
            after = last.n;
            if entries.iter().any(|entry| wanted(&entry.event)) {
                return Ok(true);
            }
        }
    }
}
