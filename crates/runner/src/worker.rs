//! The worker: one process that owns one attempt, from the agent's start to its packaged result.
//!
//! It holds the agent, the record and what waits for a person, and outlives the
//! service. It never opens the journal, holds no token, and talks to nobody but
//! the service.

mod asks;
mod drive;
mod environment;
mod finish;
mod ground;
mod lines;
mod logfile;
pub(crate) mod package;
pub(crate) mod plan;
mod recorder;
mod usage;
pub(crate) mod word;

use std::{
    io,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use agents::{
    custom::CustomAgent,
    driver::{Launch, SessionPlan},
    redact::Redactor,
};
use futures::FutureExt as _;
use protocol::{
    job::{Failure, FailureClass, OutcomeKind, Phase},
    runner::Assignment,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;

pub(crate) use environment::{MARK, allowed as allowed_environment, common as common_environment};

use crate::{
    disk,
    folder::{AttemptFolder, JobFolder},
    link::{Ask, Asked, EndReason, Server, WorkerStatus},
};
use asks::Terms;
use drive::{Drive, End};
use finish::{after_a_fault, packaged};
use ground::Ground;
use plan::{LaunchPlan, WorkResult};
use recorder::Recorder;
use word::Word;

/// Requests of the service that may wait at once.
const ASKED_WAITING_MAX: usize = 32;

/// Runs the attempt whose record is in `attempt_dir` to its end; without one, waits for the
/// service's word which attempt it is, and leaves no trace when there never is one.
///
/// Entry of the hidden command `coord worker`; started by the service alone.
pub fn main(attempt_dir: Option<&Path>) -> ExitCode {
    // One thread will do: a worker waits for its one agent nearly all the time.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let told = match attempt_dir {
        Some(attempt) => Ok(Some(Word {
            attempt: attempt.to_owned(),
            environment: process::own_environment(),
        })),
        None => Word::wait(),
    };
    let worked = match (runtime, told) {
        (Ok(runtime), Ok(Some(word))) => runtime.block_on(work(word)),
        (Ok(_), Ok(None)) => Ok(()),
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match worked {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The service finds no result and settles the attempt; this is for a person.
            tracing::error!(%error, "the worker could not keep its record");
            ExitCode::FAILURE
        }
    }
}

async fn work(word: Word) -> io::Result<()> {
    let folder = &AttemptFolder::at(word.attempt);
    // So that a person who looks at the processes finds the attempt.
    std::env::set_current_dir(folder.path())?;
    if let Err(error) = process::become_subreaper() {
        tracing::warn!(%error, "processes that leave their session may be missed");
    }
    let assignment: Assignment = needed(&folder.assignment())?;
    let plan: LaunchPlan = needed(&folder.launch())?;
    let job = JobFolder::at(&plan.job_folder);
    let own: Vec<&String> = plan
        .custom
        .iter()
        .flat_map(|custom| &custom.variables)
        .collect();
    let (own, owners): (Vec<_>, Vec<_>) = word
        .environment
        .into_iter()
        .partition(|(name, _)| own.contains(&name));
    let mut allowed = environment::allowed(owners, &plan.agent);
    allowed.extend(own);
    let environment = environment::for_attempt(allowed, &assignment.attempt_id.to_string(), &job);
    let redactor = Redactor::new(&environment::secrets(&environment));
    let (status, status_seen) = watch::channel(WorkerStatus {
        phase: Phase::Preparing,
        agent: plan.agent.clone(),
        last_action: None,
        events: 0,
        log: 0,
        approvals: Vec::new(),
        questions: Vec::new(),
        settled: Vec::new(),
        ending: false,
        parked: None,
    });
    let (asked_sender, mut asked) = mpsc::channel(ASKED_WAITING_MAX);
    let server = Server::bind(&plan.socket)?;
    let tasks = TaskTracker::new();
    let serving = tasks.spawn(server.serve(status_seen, asked_sender.clone()));
    let listening = tasks.spawn(hear_signals(asked_sender));
    let work = attend(
        folder,
        &assignment,
        &plan,
        environment,
        redactor.clone(),
        status,
        &mut asked,
    );
    let result = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => result?,
        Err(_) => after_a_fault(folder, redactor, &plan)?,
    };
    let left = async {
        end_what_is_left().await;
        // Where the files of the result stand.
        disk::when_there_is_room(|| plan::keep(&folder.launch())).await?;
        disk::when_there_is_room(|| plan::write(&folder.result(), &result)).await
    };
    tokio::select! {
        written = left => written?,
        () = too_late(&mut asked) => {}
    }
    failpoints::reached("worker.result.written");
    serving.abort();
    listening.abort();
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Answers that nothing can be asked any more, and shows that somebody is there, for ever.
async fn too_late(asked: &mut mpsc::Receiver<Asked>) {
    while let Some(request) = asked.recv().await {
        let alive = matches!(request.ask, Ask::Ping);
        let answer = if alive {
            Ok(())
        } else {
            Err(drive::too_late())
        };
        request.reply.send(answer).ok();
    }
    std::future::pending::<()>().await;
}

/// Drives the agent and packages the result.
async fn attend(
    folder: &AttemptFolder,
    assignment: &Assignment,
    plan: &LaunchPlan,
    environment: Vec<(String, String)>,
    redactor: Redactor,
    status: watch::Sender<WorkerStatus>,
    asked: &mut mpsc::Receiver<Asked>,
) -> io::Result<WorkResult> {
    let job = JobFolder::at(&plan.job_folder);
    let waiting = drive::Waiting::introduced(folder)?;
    let mut recorder = Recorder::open(folder, redactor, plan.log_bytes_max)?;
    recorder.tell_of_short_secrets()?;
    let described: Vec<CustomAgent> = described(plan).into_iter().collect();
    let known = agents::catalog::all(plan.program.clone(), &described);
    let Some(agent) = agents::catalog::by_name(&known, &plan.agent) else {
        let failure = Failure {
            class: FailureClass::Config,
            message: format!("This runner knows no agent called `{}`.", plan.agent),
            hint: Some("Choose another agent for the job, or update the runner.".to_owned()),
            until: None,
        };
        let end = End {
            kind: OutcomeKind::Failed,
            failure: Some(failure),
            summary: None,
        };
        return packaged(end, None, &mut recorder, &job);
    };
    let launch = Launch {
        program: plan.program.clone(),
        folder: plan.job_folder.clone(),
        environment,
        model: plan.model.clone(),
        extra_arguments: plan.extra_arguments.clone(),
        level: plan.permission,
        session: SessionPlan::New {
            id: uuid::Uuid::now_v7(),
        },
        prompt: String::new(),
    };
    let mut drive = Drive {
        agent,
        folder: folder.clone(),
        assignment: assignment.clone(),
        job: job.clone(),
        launch,
        backoff: plan.retry.into(),
        parking: plan.retry.parking(),
        recorder,
        asks: asks::Asks::new(ground(folder, plan), terms(assignment, plan)),
        status,
        ending: None,
        usage: usage::Account::default(),
        session: None,
        begun_at: None,
        parked_ms: 0,
        notes: Vec::new(),
        may_go_on: false,
        waiting,
    };
    drive.take_over(plan.resume.clone());
    let end = drive.run(asked).await?;
    drive.pack(end, &job, asked).await
}

/// The agent of the attempt, when it is one of the owner's own.
fn described(plan: &LaunchPlan) -> Option<CustomAgent> {
    let custom = plan.custom.as_ref()?;
    Some(CustomAgent {
        name: plan.agent.clone(),
        title: custom.title.clone(),
        command: plan.program.display().to_string(),
        arguments: custom.arguments.clone(),
        // In the worker's environment already.
        environment: Vec::new(),
        mode: custom.mode.clone(),
    })
}

/// What the rules of permission have to know of this machine.
fn ground(folder: &AttemptFolder, plan: &LaunchPlan) -> Ground {
    let home = std::env::home_dir().unwrap_or_default();
    Ground::new(
        &plan.job_folder,
        &home,
        &own_places(folder, plan),
        plan.permission,
    )
}

/// On which terms the agent's requests are answered.
fn terms(assignment: &Assignment, plan: &LaunchPlan) -> Terms {
    Terms {
        agent: plan.agent.clone(),
        workspace: assignment.workspace.clone(),
        rules: plan.rules.clone(),
        patience: Duration::from_millis(plan.patience_ms),
    }
}

/// The runner's own directories: no answer lets an agent touch these.
fn own_places(folder: &AttemptFolder, plan: &LaunchPlan) -> Vec<PathBuf> {
    let data = folder.path().parent().and_then(Path::parent);
    data.into_iter()
        .chain(plan.socket.folder())
        .map(Path::to_owned)
        .collect()
}

/// Ends whatever is still below this process.
async fn end_what_is_left() {
    let Some(own) = process::Identity::own() else {
        return;
    };
    for stray in process::descendants(own) {
        let count = process::end_all(stray, None).await;
        tracing::info!(count, "processes were left over and had to be stopped");
    }
}

/// A request of the system to stop ends the agent first.
async fn hear_signals(asked: mpsc::Sender<Asked>) {
    if stop_signal().await.is_err() {
        return std::future::pending().await;
    }
    let (reply, _) = oneshot::channel();
    let why = EndReason::ServiceStopped;
    asked
        .send(Asked {
            ask: Ask::End { why },
            reply,
        })
        .await
        .ok();
}

#[cfg(unix)]
async fn stop_signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    terminated.recv().await;
    Ok(())
}

#[cfg(not(unix))]
async fn stop_signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn needed<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    plan::read(path)?.ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!(
                "{} is missing; this command is started by the runner service alone",
                path.display()
            ),
        )
    })
}
