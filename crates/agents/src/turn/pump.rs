//! The task of one turn.

use std::{collections::VecDeque, process::ExitStatus, time::Duration};

use protocol::job::Failure;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Patience,
    input::{Input, Unread},
    open::{Answer, OpenRequests},
};
use crate::{
    driver::{AgentEvent, TurnEnd},
    failure,
    lines::{Line, Lines, STDERR_LINE_BYTES_MAX, WIRE_LINE_BYTES_MAX},
    text,
    wire::{Closed, Refusal, Step, Wire},
};

/// How many of the last lines of error output are kept for the failure's words.
const STDERR_LINES_KEPT: usize = 20;
/// How long the program's end is waited for after its output ended.
const EXIT_PATIENCE: Duration = Duration::from_secs(3);
/// How long the agent waits for its session to be written down.
const KEEP_PATIENCE: Duration = Duration::from_secs(10);
/// How many lines that are cut or unreadable are told one by one.
const ODD_LINES_TOLD: usize = 3;

/// A program's pipes.
pub(super) struct Streams<I, O, E> {
    pub(super) stdin: I,
    pub(super) stdout: O,
    pub(super) stderr: E,
    pub(super) exit: watch::Receiver<Option<ExitStatus>>,
}

/// Whether the turn goes on.
enum Flow {
    On,
    Over,
}

/// Everything that one turn consists of.
pub(super) struct Pump<W> {
    wire: W,
    events: mpsc::Sender<AgentEvent>,
    taken: Option<oneshot::Sender<Result<(), Refusal>>>,
    interrupts: mpsc::Receiver<()>,
    patience: Patience,
    open: OpenRequests,
    stderr: VecDeque<String>,
    odd_lines: usize,
    deadline: Instant,
    quiet_from: Instant,
    /// Why the turn is being broken off, where somebody or something decided so.
    breaking: Option<TurnEnd>,
}

impl<W: Wire> Pump<W> {
    pub(super) fn new(
        wire: W,
        events: mpsc::Sender<AgentEvent>,
        taken: oneshot::Sender<Result<(), Refusal>>,
        interrupts: mpsc::Receiver<()>,
        patience: Patience,
    ) -> Self {
        let now = Instant::now();
        Self {
            wire,
            events,
            taken: Some(taken),
            interrupts,
            patience,
            open: OpenRequests::default(),
            stderr: VecDeque::new(),
            odd_lines: 0,
            deadline: now + patience.start,
            quiet_from: now,
            breaking: None,
        }
    }

    /// Runs the turn to its end; then reads on, so that the agent can leave in peace.
    pub(super) async fn run<I, O, E>(
        mut self,
        streams: Streams<I, O, E>,
        close_input: CancellationToken,
    ) where
        I: AsyncWrite + Unpin + Send + 'static,
        O: AsyncRead + Unpin,
        E: AsyncRead + Unpin,
    {
        let mut stdout = Lines::new(streams.stdout, WIRE_LINE_BYTES_MAX);
        let mut stderr = Lines::new(streams.stderr, STDERR_LINE_BYTES_MAX);
        let input = Input::new(streams.stdin, close_input);
        self.turn(&mut stdout, &mut stderr, &input, streams.exit)
            .await;
        drop(self);
        drop(input);
        tokio::join!(drain(stdout), drain(stderr));
    }

    async fn turn<O, E>(
        &mut self,
        stdout: &mut Lines<O>,
        stderr: &mut Lines<E>,
        input: &Input,
        exit: watch::Receiver<Option<ExitStatus>>,
    ) where
        O: AsyncRead + Unpin,
        E: AsyncRead + Unpin,
    {
        let steps = self.wire.begin();
        let mut flow = self.take(steps, input).await;
        let mut stderr_open = true;
        while matches!(flow, Flow::On) {
            let (quiet_at, deadline) = (self.quiet_at(), self.deadline);
            flow = tokio::select! {
                biased;
                Some(()) = self.interrupts.recv() => self.interrupt(TurnEnd::Interrupted, input).await,
                (key, answer) = self.open.next() => {
                    let steps = match answer {
                        Answer::Approval(reply) => self.wire.approved(&key, reply),
                        Answer::Question(answers) => self.wire.answered(&key, answers),
                    };
                    self.take(steps, input).await
                }
                line = stderr.next(), if stderr_open => {
                    if let Ok(Some(line)) = line {
                        self.stderr(line.text).await
                    } else {
                        stderr_open = false;
                        Flow::On
                    }
                }
                line = stdout.next() => {
                    if let Ok(Some(line)) = line {
                        self.line(line, input).await
                    } else {
                        self.read_stderr_to_its_end(stderr, stderr_open).await;
                        self.closed(exit.clone()).await
                    }
                }
                () = sleep_until(quiet_at) => {
                    self.quiet_from = Instant::now();
                    let steps = self.wire.quiet();
                    self.take(steps, input).await
                }
                () = sleep_until(deadline) => self.late(input).await,
            };
        }
    }

    async fn line(&mut self, line: Line, input: &Input) -> Flow {
        self.alive();
        if line.cut > 0 {
            self.odd(format!(
                "a message of the agent was too long and was skipped ({} MB)",
                (line.text.len() as u64 + line.cut) / 1_000_000
            ))
            .await;
            return Flow::On;
        }
        if line.text.trim().is_empty() {
            return Flow::On;
        }
        if !line.text.trim_start().starts_with('{') {
            self.odd(format!(
                "the agent printed a line that is no message: {}",
                text::title(&line.text)
            ))
            .await;
            return Flow::On;
        }
        let steps = self.wire.line(&line.text);
        self.take(steps, input).await
    }

    async fn stderr(&mut self, line: String) -> Flow {
        if self.stderr.len() == STDERR_LINES_KEPT {
            self.stderr.pop_front();
        }
        self.stderr.push_back(line.clone());
        self.emit(AgentEvent::Stderr(line)).await;
        Flow::On
    }

    async fn odd(&mut self, message: String) {
        self.odd_lines += 1;
        if self.odd_lines <= ODD_LINES_TOLD && self.taken.is_none() {
            self.emit(AgentEvent::Notice(message)).await;
        }
    }

    /// Takes steps in their order.
    async fn take(&mut self, steps: Vec<Step>, input: &Input) -> Flow {
        for step in steps {
            let flow = match step {
                Step::Ready => self.ready(),
                Step::Refuse(refusal) => self.refuse(refusal),
                Step::Send(message) => self.send(&message, input).await,
                Step::Emit(event) => {
                    let stands = matches!(
                        event,
                        AgentEvent::Started {
                            session: Some(_),
                            ..
                        }
                    );
                    self.emit(event).await;
                    if stands {
                        self.session_kept().await;
                    }
                    Flow::On
                }
                Step::Approve {
                    key,
                    subject,
                    tool_call,
                } => {
                    let (reply, answer) = oneshot::channel();
                    self.open.approval(key, answer);
                    self.emit(AgentEvent::ApprovalRequested {
                        subject,
                        tool_call,
                        reply,
                    })
                    .await;
                    Flow::On
                }
                Step::Ask { key, items } => {
                    let (reply, answer) = oneshot::channel();
                    self.open.question(key, answer);
                    self.emit(AgentEvent::QuestionAsked { items, reply }).await;
                    Flow::On
                }
                Step::Withdraw(key) => {
                    self.open.withdraw(&key);
                    Flow::On
                }
                Step::End(end) => self.end(end).await,
            };
            if matches!(flow, Flow::Over) {
                return Flow::Over;
            }
        }
        self.alive();
        Flow::On
    }

    /// Waits until whoever reads the events has kept the session: without that, an agent
    /// that dies with its first prompt could not be taken up again.
    async fn session_kept(&mut self) {
        if self.taken.is_some() {
            // Nobody reads the events before the agent has taken the job.
            return;
        }
        let (kept, wait) = oneshot::channel();
        self.emit(AgentEvent::KeepSession(kept)).await;
        if timeout(KEEP_PATIENCE, wait).await.is_err() {
            tracing::warn!("the session was not written down in time; the agent goes on without");
        }
    }

    async fn send(&mut self, message: &Value, input: &Input) -> Flow {
        let Err(Unread) = input.send(message).await else {
            return Flow::On;
        };
        let failure = failure::transient("the agent stopped reading its input");
        if self.taken.is_some() {
            return self.refuse(Refusal::Failed(failure));
        }
        self.end(TurnEnd::Failed(failure)).await
    }

    fn ready(&mut self) -> Flow {
        if let Some(taken) = self.taken.take() {
            // Whoever started it may have given up; the agent dies with them.
            drop(taken.send(Ok(())));
        }
        Flow::On
    }

    fn refuse(&mut self, refusal: Refusal) -> Flow {
        if let Some(taken) = self.taken.take() {
            drop(taken.send(Err(refusal)));
        }
        Flow::Over
    }

    /// A sign of life, or a new reason for silence.
    fn alive(&mut self) {
        let now = Instant::now();
        self.quiet_from = now;
        if self.taken.is_none() && self.breaking.is_none() {
            self.deadline = now + self.patience.silence;
        }
    }

    fn quiet_at(&self) -> Instant {
        match self.wire.wants_quiet() {
            Some(wait) => self.quiet_from + wait,
            // Later than any other clock: never.
            None => self.deadline + self.patience.silence + self.patience.start,
        }
    }

    async fn interrupt(&mut self, why: TurnEnd, input: &Input) -> Flow {
        if self.taken.is_some() || self.breaking.is_some() {
            return Flow::On;
        }
        self.breaking = Some(why);
        self.deadline = Instant::now() + self.patience.interrupt;
        let steps = self.wire.interrupt();
        self.take(steps, input).await
    }

    /// A clock ran out.
    async fn late(&mut self, input: &Input) -> Flow {
        if self.taken.is_some() {
            return self.refuse(Refusal::Failed(failure::with_last_words(
                failure::transient(format!(
                    "the agent did not get ready within {} s",
                    self.patience.start.as_secs()
                )),
                self.stderr.iter().map(String::as_str),
            )));
        }
        if let Some(end) = self.breaking.take() {
            return self.end(end).await;
        }
        if !self.open.is_empty() || self.wire.is_at_work() {
            self.alive();
            return Flow::On;
        }
        let message = format!(
            "the agent gave no sign of life for {} s",
            self.patience.silence.as_secs()
        );
        self.emit(AgentEvent::Notice(format!(
            "{message}; it is being interrupted"
        )))
        .await;
        self.interrupt(TurnEnd::Failed(failure::transient(message)), input)
            .await
    }

    async fn read_stderr_to_its_end<E: AsyncRead + Unpin>(
        &mut self,
        stderr: &mut Lines<E>,
        mut open: bool,
    ) {
        let deadline = Instant::now() + EXIT_PATIENCE;
        while open {
            match tokio::time::timeout_at(deadline, stderr.next()).await {
                Ok(Ok(Some(line))) => {
                    self.stderr(line.text).await;
                }
                Ok(Ok(None) | Err(_)) | Err(_) => open = false,
            }
        }
    }

    async fn closed(&mut self, mut exit: watch::Receiver<Option<ExitStatus>>) -> Flow {
        let status = timeout(EXIT_PATIENCE, exit.wait_for(Option::is_some)).await;
        let closed = Closed {
            exit: status
                .ok()
                .and_then(|status| Some((*status.ok()?)?.to_string())),
            stderr: self.stderr.iter().cloned().collect(),
        };
        let failure: Failure = self.wire.closed(&closed);
        if self.taken.is_some() {
            return self.refuse(Refusal::Failed(failure));
        }
        self.end(TurnEnd::Failed(failure)).await
    }

    /// Ends the turn; what broke it off explains it better than what it said last.
    async fn end(&mut self, end: TurnEnd) -> Flow {
        let end = match (self.breaking.take(), end) {
            (Some(_), TurnEnd::Completed { summary }) => TurnEnd::Completed { summary },
            (Some(why), _) => why,
            (None, end) => end,
        };
        self.emit(AgentEvent::Ended(end)).await;
        Flow::Over
    }

    async fn emit(&mut self, event: AgentEvent) {
        let pieces: Vec<AgentEvent> = match event {
            AgentEvent::Text(text) => text::pieces(text).map(AgentEvent::Text).collect(),
            AgentEvent::Thinking(text) => text::pieces(text).map(AgentEvent::Thinking).collect(),
            AgentEvent::ToolOutput { tool_call, text } => text::pieces(text)
                .map(|text| AgentEvent::ToolOutput {
                    tool_call: tool_call.clone(),
                    text,
                })
                .collect(),
            event => vec![event],
        };
        for event in pieces {
            if self.taken.is_some() {
                // Nobody reads before the agent has taken the job: what finds no room then
                // is left out, or an agent that talks too early would never be late.
                drop(self.events.try_send(event));
                continue;
            }
            // Nobody listens: the session was dropped, and this task goes with it.
            if self.events.send(event).await.is_err() {
                return;
            }
        }
    }
}

async fn drain<R: AsyncRead + Unpin>(mut lines: Lines<R>) {
    while let Ok(Some(_)) = lines.next().await {}
}
