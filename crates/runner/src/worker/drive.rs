//! Driving the agent from its first start to its last word, over as many tries as it takes.

mod ending;
mod turn;

use std::{collections::BTreeMap, io, sync::Arc, task::Poll, time::Duration};

use agents::{
    driver::{Agent, Launch, SessionPlan, TurnEnd},
    prompt::JobPrompt,
};
use lifecycle::retry::{Backoff, Decision};
use protocol::{
    job::{Failure, FailureClass, OutcomeKind, Phase},
    record::{Event, Usage},
    runner::Assignment,
};
use tokio::sync::{mpsc, watch};

use super::{
    asks::Asks,
    plan::{self, AgentSession},
    recorder::Recorder,
};
use crate::{
    folder::{AttemptFolder, JobFolder},
    link::{Asked, EndReason, WorkerStatus},
};

pub(super) use ending::too_late;

/// Time for an agent to be started and to take its first prompt.
const START_PATIENCE: Duration = Duration::from_mins(2);

/// How the work ended, before the result is packaged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct End {
    pub(crate) kind: OutcomeKind,
    pub(crate) failure: Option<Failure>,
    pub(crate) summary: Option<String>,
}

impl End {
    fn failed(failure: Failure) -> Self {
        Self {
            kind: OutcomeKind::Failed,
            failure: Some(failure),
            summary: None,
        }
    }
}

/// Everything that belongs to driving one attempt.
pub(crate) struct Drive {
    pub(crate) agent: Arc<dyn Agent>,
    pub(crate) folder: AttemptFolder,
    pub(crate) assignment: Assignment,
    pub(crate) job: JobFolder,
    /// Made anew for each try, with the session and the prompt of that try.
    pub(crate) launch: Launch,
    pub(crate) backoff: Backoff,
    pub(crate) recorder: Recorder,
    pub(crate) asks: Asks,
    pub(crate) status: watch::Sender<WorkerStatus>,
    /// Why it has to end, once it has been told.
    pub(crate) ending: Option<EndReason>,
    /// Totals of each session that there was.
    pub(crate) usage: BTreeMap<String, Usage>,
    /// The agent's own id of the session, once it has said so.
    pub(crate) session: Option<String>,
}

impl Drive {
    /// Works until the agent is done, gives up, or is told to end. No process of it is left then.
    pub(crate) async fn run(&mut self, asked: &mut mpsc::Receiver<Asked>) -> io::Result<End> {
        let mut try_number = 1;
        loop {
            let turn = self.try_once(asked).await?;
            if let Some(why) = &self.ending {
                return Ok(ended_because(why));
            }
            let failure = match turn {
                TurnEnd::Completed { summary } => {
                    return Ok(End {
                        kind: OutcomeKind::Succeeded,
                        failure: None,
                        summary: summary.map(|text| self.recorder.redactor().text(&text)),
                    });
                }
                TurnEnd::Interrupted => Failure {
                    class: FailureClass::Transient,
                    message: "The agent broke off its turn, and nobody had asked it to.".to_owned(),
                    hint: None,
                },
                TurnEnd::Failed(failure) => self.without_secrets(failure),
            };
            match self
                .backoff
                .after_failure(failure.class, try_number, jitter(), None)
            {
                Decision::Stop(_) => return Ok(End::failed(failure)),
                Decision::Again {
                    try_number: next,
                    delay_ms,
                } => {
                    self.retry_after(next, delay_ms, &failure, asked).await?;
                    if let Some(why) = &self.ending {
                        return Ok(ended_because(why));
                    }
                    try_number = next;
                    self.take_up_again();
                }
            }
        }
    }

    /// Starts the agent, and goes with it to the end of its turn.
    async fn try_once(&mut self, asked: &mut mpsc::Receiver<Asked>) -> io::Result<TurnEnd> {
        if let SessionPlan::New { id } = self.launch.session {
            // Written before the start: an agent that takes this id can be
            // taken up again even if it dies at once.
            self.note_session(Some(id.to_string()), None)?;
        }
        let agent = Arc::clone(&self.agent);
        let started = tokio::time::timeout(START_PATIENCE, agent.start(self.launch.clone()));
        tokio::pin!(started);
        // The agent is on its way before the disk is waited for; what it says is heard after that.
        let mut at_once = match futures::poll!(&mut started) {
            Poll::Ready(started) => Some(started),
            Poll::Pending => None,
        };
        self.enter(Phase::Running)?;
        let started = loop {
            if let Some(started) = at_once.take() {
                break started;
            }
            tokio::select! {
                started = &mut started => break started,
                Some(request) = asked.recv() => self.answer(request)?,
            }
            if self.ending.is_some() {
                // Dropping the start kills what it has begun.
                return Ok(TurnEnd::Interrupted);
            }
        };
        match started {
            Ok(Ok(session)) => self.turn(session, asked).await,
            Ok(Err(error)) => Ok(TurnEnd::Failed(error.failure)),
            Err(_) => Ok(TurnEnd::Failed(Failure {
                class: FailureClass::Transient,
                message: format!(
                    "{} did not get ready within {} seconds.",
                    self.agent.title(),
                    START_PATIENCE.as_secs()
                ),
                hint: None,
            })),
        }
    }

    /// Waits before the next try, and goes on answering meanwhile.
    async fn retry_after(
        &mut self,
        next: u32,
        delay_ms: u64,
        failure: &Failure,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<()> {
        self.recorder.end_lines()?;
        self.recorder.event(Event::Retrying {
            attempt_try: next,
            delay_ms,
            class: failure.class,
            message: failure.message.clone(),
        })?;
        self.recorder.flush()?;
        self.enter(Phase::Retrying)?;
        let wait = tokio::time::sleep(Duration::from_millis(delay_ms));
        tokio::pin!(wait);
        loop {
            tokio::select! {
                () = &mut wait => return Ok(()),
                Some(request) = asked.recv() => self.answer(request)?,
            }
            if self.ending.is_some() {
                return Ok(());
            }
        }
    }

    /// Makes the next try go on where the last one broke off, where the agent can.
    fn take_up_again(&mut self) {
        self.launch.session = match self.session.clone() {
            Some(session) => SessionPlan::Resume { session },
            // The id may have been used already, although no session stands.
            None => SessionPlan::New {
                id: uuid::Uuid::now_v7(),
            },
        };
        self.launch.prompt = prompt(&self.assignment, &self.job, self.session.is_some());
    }

    pub(super) fn enter(&mut self, phase: Phase) -> io::Result<()> {
        if self.status.borrow().phase != phase {
            self.recorder.event(Event::PhaseChanged { phase })?;
            self.status.send_modify(|status| status.phase = phase);
        }
        self.publish();
        Ok(())
    }

    pub(super) fn note_session(
        &self,
        session: Option<String>,
        process: Option<process::Identity>,
    ) -> io::Result<()> {
        plan::write_for_now(&self.folder.session(), &AgentSession { session, process })
    }

    /// Lets the service see how it stands now.
    pub(super) fn publish(&self) {
        let (events, log) = self.recorder.written();
        let (approvals, questions) = self.asks.waiting();
        let ending = self.ending.is_some();
        self.status.send_if_modified(|status| {
            let new = WorkerStatus {
                phase: status.phase,
                agent: status.agent.clone(),
                last_action: status.last_action.clone(),
                events,
                log,
                approvals,
                questions,
                ending,
            };
            let changed = *status != new;
            *status = new;
            changed
        });
    }

    pub(super) fn last_action(&self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        let line: String = line.chars().take(200).collect();
        let line = self.recorder.redactor().text(&line);
        self.status
            .send_modify(|status| status.last_action = Some(line));
    }

    fn without_secrets(&self, failure: Failure) -> Failure {
        let redactor = self.recorder.redactor();
        Failure {
            class: failure.class,
            message: redactor.text(&failure.message),
            hint: failure.hint.map(|hint| redactor.text(&hint)),
        }
    }

    /// Totals of all sessions; none when no agent said anything.
    pub(crate) fn total_usage(&self) -> Option<Usage> {
        let mut sessions = self.usage.values();
        let first = sessions.next()?.clone();
        Some(sessions.fold(first, |sum, next| Usage {
            input_tokens: sum.input_tokens.saturating_add(next.input_tokens),
            cached_tokens: sum.cached_tokens.saturating_add(next.cached_tokens),
            output_tokens: sum.output_tokens.saturating_add(next.output_tokens),
            cost_usd: match (sum.cost_usd, next.cost_usd) {
                (None, None) => None,
                (one, other) => Some(one.unwrap_or(0.0) + other.unwrap_or(0.0)),
            },
        }))
    }
}

fn ended_because(why: &EndReason) -> End {
    match why {
        EndReason::Cancelled { by } => End {
            kind: OutcomeKind::Cancelled,
            failure: None,
            summary: Some(format!("Cancelled by {by}.")),
        },
        EndReason::ServiceStopped => End {
            kind: OutcomeKind::Interrupted,
            failure: Some(Failure {
                class: FailureClass::Transient,
                message: "The runner was stopped while the agent worked.".to_owned(),
                hint: None,
            }),
            summary: None,
        },
        EndReason::NotOurs { because } => End {
            kind: OutcomeKind::Interrupted,
            failure: Some(Failure {
                class: FailureClass::Transient,
                message: because.clone(),
                hint: None,
            }),
            summary: None,
        },
    }
}

/// What the agent is told at the beginning of a try.
pub(crate) fn prompt(assignment: &Assignment, job: &JobFolder, resumed: bool) -> String {
    let inputs: Vec<String> = assignment
        .inputs
        .iter()
        .map(|input| input.name.clone())
        .collect();
    let (inputs_folder, output_folder) = (job.inputs(), job.output());
    agents::prompt::for_job(&JobPrompt {
        title: &assignment.title,
        instructions: &assignment.instructions,
        inputs: &inputs,
        inputs_folder: inputs_folder.to_str(),
        output_folder: output_folder.to_str(),
        resumed,
    })
}

fn jitter() -> u32 {
    rand::random_range(0..=1000)
}
