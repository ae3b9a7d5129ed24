//! Driving the agent from its first start to its last word, over as many tries as it takes.

mod ending;
mod park;
mod room;
mod session;
mod turn;

use std::{io, sync::Arc, task::Poll, time::Duration};

use agents::driver::{Agent, Launch, TurnEnd};
use lifecycle::retry::{self, Backoff, Decision, Parking, Stop, Tried};
use protocol::{
    job::{Failure, FailureClass, OutcomeKind, Phase},
    record::{Event, Usage},
    runner::Assignment,
    time::Timestamp,
};
use tokio::sync::{mpsc, watch};

use super::{asks::Asks, recorder::Recorder, usage::Account};
use crate::{
    clock,
    folder::{AttemptFolder, JobFolder},
    link::{Asked, EndReason, WorkerStatus},
};

pub(super) use ending::too_late;
use park::Unparked;
pub(super) use room::Waiting;

/// Time for an agent to be started and to take its first prompt.
const START_PATIENCE: Duration = Duration::from_mins(3);

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
    pub(crate) parking: Parking,
    pub(crate) recorder: Recorder,
    pub(crate) asks: Asks,
    pub(crate) status: watch::Sender<WorkerStatus>,
    /// Why it has to end, once it has been told.
    pub(crate) ending: Option<EndReason>,
    /// What was used, turn by turn.
    pub(crate) usage: Account,
    /// The agent's own id of the session, once it has said so.
    pub(crate) session: Option<String>,
    /// When that session was begun.
    pub(crate) begun_at: Option<Timestamp>,
    /// How long it has been parked by now.
    pub(crate) parked_ms: u64,
    /// What people said with their denials in this try; the next one is told of it.
    pub(crate) notes: Vec<String>,
    /// Set when a parked attempt has got a slot.
    pub(crate) may_go_on: bool,
    /// What waits for room on the disk.
    pub(crate) waiting: Waiting,
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
                    until: None,
                },
                TurnEnd::Failed(failure) => self.without_secrets(failure),
            };
            let tried = Tried {
                try_number,
                parked_ms: self.parked_ms,
                jitter_permille: jitter(),
                now: clock::now(),
            };
            match retry::after_failure(&self.backoff, &self.parking, &failure, tried) {
                Decision::Stop(why) => return Ok(given_up(failure, why)),
                Decision::Park { until } => {
                    let unparked = self.park(until, &failure, asked).await?;
                    if unparked == Unparked::TooLong {
                        return Ok(given_up(failure, Stop::ParkedTooLong));
                    }
                }
                Decision::Again {
                    try_number: next,
                    delay_ms,
                } => {
                    self.retry_after(next, delay_ms, &failure, asked).await?;
                    try_number = next;
                }
            }
            if let Some(why) = &self.ending {
                return Ok(ended_because(why));
            }
            self.take_up_again();
        }
    }

    /// Starts the agent, and goes with it to the end of its turn.
    async fn try_once(&mut self, asked: &mut mpsc::Receiver<Asked>) -> io::Result<TurnEnd> {
        self.usage.begin_turn();
        if self.wished_session().is_none() {
            self.begun_at = Some(clock::now());
        }
        let agent = Arc::clone(&self.agent);
        let (mut started, mut at_once) = loop {
            self.wait_for_room(asked).await?;
            if self.ending.is_some() {
                // Called off while there was no room: nothing is begun any more.
                return Ok(TurnEnd::Interrupted);
            }
            let start = agent.start(self.launch.clone());
            let mut started = Box::pin(tokio::time::timeout(START_PATIENCE, start));
            // The agent is on its way before the disk is waited for. It hears nothing before that:
            // whoever talks to it is another task of this one thread.
            let at_once = match futures::poll!(&mut started) {
                Poll::Ready(started) => Some(started),
                Poll::Pending => None,
            };
            // On the disk before the first prompt: an agent that takes this id can be
            // taken up again even if it dies at once. Without room for it what has begun goes
            // at once, and is begun anew.
            self.keep_session(None, None)?;
            if !self.is_stuck() {
                failpoints::reached("worker.session.written");
                break (started, at_once);
            }
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
                until: None,
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

    pub(super) fn enter(&mut self, phase: Phase) -> io::Result<()> {
        if self.status.borrow().phase != phase {
            self.recorder.event(Event::PhaseChanged { phase })?;
            self.status.send_modify(|status| status.phase = phase);
        }
        self.publish();
        Ok(())
    }

    /// Lets the service see how it stands now.
    pub(super) fn publish(&self) {
        let (events, log) = self.recorder.written();
        let (approvals, questions) = self.asks.waiting();
        let (ending, settled) = (self.ending.is_some(), self.asks.settled());
        self.status.send_if_modified(|status| {
            let new = WorkerStatus {
                phase: status.phase,
                agent: status.agent.clone(),
                last_action: status.last_action.clone(),
                events,
                log,
                approvals,
                questions,
                settled: settled.clone(),
                ending,
                parked: status.parked.clone(),
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
            until: failure.until,
        }
    }

    /// Everything that was used; none when no agent said anything.
    pub(crate) fn total_usage(&self) -> Option<Usage> {
        self.usage.total()
    }
}

/// The end of an attempt whose last try failed, with what to do about it.
fn given_up(mut failure: Failure, why: Stop) -> End {
    if why == Stop::ParkedTooLong {
        failure.hint = Some(
            "The quota is not there again in time; use another agent or account, or submit the \
             job again later."
                .to_owned(),
        );
    }
    End::failed(failure)
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
                until: None,
            }),
            summary: None,
        },
        EndReason::NotOurs { because } => End {
            kind: OutcomeKind::Interrupted,
            failure: Some(Failure {
                class: FailureClass::Transient,
                message: because.clone(),
                hint: None,
                until: None,
            }),
            summary: None,
        },
    }
}

fn jitter() -> u32 {
    rand::random_range(0..=1000)
}
