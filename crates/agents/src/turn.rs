//! Driving one turn of an agent: its program, its pipes, its protocol, its clocks.
//!
//! One task owns all of it. Whoever reads the events slowly slows the agent; every
//! wait has an end: start-up, silence, an interrupt that is not obeyed, an input
//! that is not read.

mod input;
mod open;
mod pump;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use process::{Child, Program};
use protocol::job::{Failure, FailureClass};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    driver::{EVENTS_WAITING_MAX, Session, StartError, Stop},
    failure,
    wire::{Refusal, Wire},
};
use pump::{Pump, Streams};

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Until the agent has taken the job.
    pub(crate) start: Duration,
    /// Without a sign of life, while nothing explains it.
    pub(crate) silence: Duration,
    /// Until an interrupt is obeyed.
    pub(crate) interrupt: Duration,
}

impl Patience {
    /// What agents get.
    pub(crate) const USUAL: Self = Self {
        // A program that comes alive in seconds takes many times that where everything else starts, too.
        start: Duration::from_mins(1),
        silence: Duration::from_mins(2),
        interrupt: Duration::from_secs(5),
    };
}

/// Time that an agent has to leave when it did not take the job.
const LEAVE_GRACE: Duration = Duration::from_secs(1);
/// How long an interrupt waits to be taken up by the turn.
const INTERRUPT_HAND_OVER: Duration = Duration::from_secs(1);

/// Starts `program` and speaks `wire` with it, until the agent has taken the job.
pub(crate) async fn start(
    program: &Program,
    wire: impl Wire,
    patience: Patience,
) -> Result<Session, Refusal> {
    let mut child = program.start().map_err(|error| {
        Refusal::Failed(Failure {
            class: FailureClass::Config,
            message: failure::chain(&error),
            hint: None,
            until: None,
        })
    })?;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.take_stdin(), child.take_stdout(), child.take_stderr())
    else {
        return Err(Refusal::Failed(failure::transient(
            "the agent was started without its pipes",
        )));
    };
    let streams = Streams {
        stdin,
        stdout,
        stderr,
        exit: child.exit(),
    };
    let pid = child.identity().pid;
    let (events, received) = mpsc::channel(EVENTS_WAITING_MAX);
    let (interrupt, interrupts) = mpsc::channel(1);
    let (taken, answer) = oneshot::channel();
    let close_input = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let pump = Pump::new(wire, events, taken, interrupts, patience);
    tasks.spawn(pump.run(streams, close_input.clone()));
    let mut running = Running {
        child,
        interrupt,
        close_input,
        _tasks: tasks,
    };
    let refusal = match answer.await {
        Ok(Ok(())) => {
            return Ok(Session {
                events: received,
                stop: Box::new(running),
                pid,
            });
        }
        Ok(Err(refusal)) => refusal,
        Err(_) => Refusal::Failed(failure::transient("the agent broke off while it started")),
    };
    running.end(LEAVE_GRACE).await;
    Err(refusal)
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        Self { failure }
    }
}

/// A running agent, with the means to end it.
struct Running {
    child: Child,
    interrupt: mpsc::Sender<()>,
    close_input: CancellationToken,
    // Ends with this; nothing of a turn outlives its agent.
    _tasks: JoinSet<()>,
}

#[async_trait]
impl Stop for Running {
    async fn interrupt(&mut self) {
        // One is enough: a second while the first waits changes nothing, and a
        // turn that is over needs none.
        let handed_over = self.interrupt.send_timeout((), INTERRUPT_HAND_OVER).await;
        tracing::debug!(ok = handed_over.is_ok(), "interrupting the agent");
    }

    async fn end(&mut self, grace: Duration) -> usize {
        self.close_input.cancel();
        self.child.end(grace).await.stopped
    }
}
