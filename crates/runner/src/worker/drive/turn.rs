//! One turn of the agent: its events into the record, its requests to a person.

use std::{
    io,
    time::{Duration, Instant},
};

use agents::driver::{AgentEvent, Session, TurnEnd};
use protocol::{
    approval::{Action, Decision, Surface},
    ids::{ApprovalId, QuestionId},
    job::{Failure, FailureClass},
    record::{Event, LogKind, NoticeLevel},
};
use tokio::sync::mpsc;

use super::Drive;
use crate::{
    clock,
    link::Asked,
    worker::asks::{Applied, Wanted},
};

/// Most notes of people that a later try is told of.
const NOTES_MAX: usize = 16;
/// Time for an agent to obey an interrupt, before it is ended.
const INTERRUPT_PATIENCE: Duration = Duration::from_secs(5);
/// Time for the interrupt to be handed over at all.
const INTERRUPT_SEND_PATIENCE: Duration = Duration::from_secs(2);

impl Drive {
    /// Goes with the agent to the end of its turn; none of its processes is left then.
    pub(super) async fn turn(
        &mut self,
        mut session: Session,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<TurnEnd> {
        let process = process::Identity::of(session.pid);
        self.keep_session(None, process)?;
        failpoints::reached("worker.agent.started");
        let mut end = self.follow(&mut session, asked).await;
        if end.is_ok() && self.ending.is_none() {
            // Its last words wait in its pipes until there is room for them.
            end = self.wait_for_room(asked).await.and(end);
        }
        // Also after a failure of our own: an agent without a record must not go on.
        let ended = self.end_agent(session, asked).await;
        let end = end?;
        ended?;
        self.recorder.end_lines()?;
        self.recorder.flush()?;
        failpoints::reached("worker.log.written");
        self.publish();
        Ok(end)
    }

    async fn follow(
        &mut self,
        session: &mut Session,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<TurnEnd> {
        let mut give_up_at: Option<Instant> = None;
        loop {
            if self.ending.is_some() && give_up_at.is_none() {
                let interrupt = session.stop.interrupt();
                if tokio::time::timeout(INTERRUPT_SEND_PATIENCE, interrupt)
                    .await
                    .is_err()
                {
                    tracing::warn!("the agent takes no interrupt; it will be ended");
                }
                give_up_at = Some(Instant::now() + INTERRUPT_PATIENCE);
            }
            let try_again_at = self.try_again_at();
            tokio::select! {
                biased;
                Some(request) = asked.recv() => self.answer(request)?,
                () = until(try_again_at) => self.try_again()?,
                () = until(self.recorder.flush_at()) => {
                    self.recorder.flush()?;
                    self.publish();
                }
                () = until(self.asks.deadline()) => self.nobody_answered()?,
                () = until(give_up_at) => return Ok(TurnEnd::Interrupted),
                event = self.asks.withdrawn() => {
                    self.recorder.event(event)?;
                    self.publish();
                }
                event = session.events.recv(), if try_again_at.is_none() => match event {
                    Some(AgentEvent::Ended(end)) => return Ok(end),
                    Some(event) => self.take(event)?,
                    None => return Ok(TurnEnd::Failed(Failure {
                        class: FailureClass::Transient,
                        message: "The agent's program ended before its turn was over.".to_owned(),
                        hint: None,
                        until: None,
                    })),
                },
            }
        }
    }

    /// Goes on without the answers for which the time is over.
    fn nobody_answered(&mut self) -> io::Result<()> {
        for applied in self.asks.overdue(Instant::now(), clock::now()) {
            self.apply(applied)?;
        }
        self.publish();
        Ok(())
    }

    /// Takes in one event of the agent.
    pub(super) fn take(&mut self, event: AgentEvent) -> io::Result<()> {
        match event {
            AgentEvent::Text(text) => return self.recorder.text(LogKind::Text, &text),
            AgentEvent::Thinking(text) => return self.recorder.text(LogKind::Thinking, &text),
            AgentEvent::Stderr(line) => {
                return self
                    .recorder
                    .text(LogKind::Stderr, &format!("{}\n", line.trim_end()));
            }
            AgentEvent::ToolOutput { tool_call, text } => {
                return self.recorder.tool_output(&tool_call, &text);
            }
            AgentEvent::ApprovalRequested {
                subject,
                tool_call,
                reply,
            } => {
                self.words_before_a_request()?;
                let shown = self.shown(subject.clone());
                self.last_action(&match &shown.action {
                    Action::Run { command } => format!("Asks to run: {command}"),
                    Action::Edit { path, .. } => format!("Asks to write {path}"),
                    Action::Other { title, .. } => format!("Asks for permission: {title}"),
                });
                let id = ApprovalId(uuid::Uuid::now_v7());
                let wanted = Wanted {
                    asked: subject,
                    shown,
                    tool_call,
                    reply,
                };
                let requested = self.asks.approval(id, wanted, clock::now());
                self.recorder.event(requested.event)?;
                if let Some(applied) = requested.settled {
                    self.apply(applied)?;
                }
            }
            AgentEvent::QuestionAsked { items, reply } => {
                self.words_before_a_request()?;
                let id = QuestionId(uuid::Uuid::now_v7());
                if let Some(first) = items.first() {
                    self.last_action(&format!("Asks: {}", first.text));
                }
                if let Some(asked) = self.asks.question(id, items, clock::now(), reply) {
                    self.recorder.event(asked)?;
                }
            }
            event => self.note(event)?,
        }
        self.publish();
        Ok(())
    }

    /// Writes down what needs no answer.
    fn note(&mut self, event: AgentEvent) -> io::Result<()> {
        match event {
            AgentEvent::Started {
                version,
                session,
                model,
            } => self.started(version, session, model),
            AgentEvent::ToolStarted {
                tool_call,
                kind,
                title,
                detail,
            } => {
                self.recorder.end_lines()?;
                self.last_action(&title);
                self.recorder.event(Event::ToolStarted {
                    tool_call,
                    kind,
                    title,
                    detail,
                })
            }
            AgentEvent::ToolEnded {
                tool_call,
                status,
                result,
            } => {
                self.recorder.end_lines()?;
                self.recorder.event(Event::ToolEnded {
                    tool_call,
                    status,
                    result,
                })
            }
            AgentEvent::Plan(items) => self.recorder.event(Event::PlanUpdated { items }),
            AgentEvent::Usage(usage) => {
                let session = self.session.clone().unwrap_or_default();
                self.usage.session_total(&session, &usage);
                // Before the record: what is counted here is never counted by a later attempt.
                self.keep_session(None, None)?;
                self.tell_usage()
            }
            AgentEvent::TurnUsage(usage) => {
                self.usage.turn_total(usage);
                self.tell_usage()
            }
            AgentEvent::KeepSession(kept) => {
                self.keep_session(None, None)?;
                // Whoever waits may have given up; the agent dies with them.
                self.once_kept(Box::new(move || {
                    kept.send(()).ok();
                }));
                Ok(())
            }
            AgentEvent::Retrying { class: _, message } => self.notice(format!(
                "{} tries again by itself after an error: {message}",
                self.agent.title()
            )),
            AgentEvent::Notice(message) => self.notice(message),
            // Told apart by the caller.
            AgentEvent::Text(_)
            | AgentEvent::Thinking(_)
            | AgentEvent::Stderr(_)
            | AgentEvent::ToolOutput { .. }
            | AgentEvent::ApprovalRequested { .. }
            | AgentEvent::QuestionAsked { .. }
            | AgentEvent::Ended(_) => Ok(()),
        }
    }

    fn tell_usage(&mut self) -> io::Result<()> {
        self.recorder.event(Event::UsageReported {
            usage: self.usage.total().unwrap_or_default(),
            turn: Some(self.usage.turn()),
        })
    }

    fn started(
        &mut self,
        version: Option<String>,
        session: Option<String>,
        model: Option<String>,
    ) -> io::Result<()> {
        let wished = self.wished_session();
        let resumed = wished.is_some() && wished == session;
        if session.is_some() {
            if !resumed {
                self.begun_at = Some(clock::now());
            }
            self.session.clone_from(&session);
            self.keep_session(version.clone(), None)?;
        }
        self.recorder.event(Event::SessionStarted {
            agent: self.agent.name(),
            version,
            session,
            model,
            resumed,
        })
    }

    pub(super) fn notice(&mut self, message: String) -> io::Result<()> {
        self.recorder.event(Event::Notice {
            level: NoticeLevel::Warning,
            message,
        })
    }

    /// The subject as a person sees it: what is asked is what is shown and what the digest is made over.
    fn shown(
        &self,
        mut subject: protocol::approval::ApprovalSubject,
    ) -> protocol::approval::ApprovalSubject {
        let redactor = self.recorder.redactor();
        let hide = |text: &mut String| *text = redactor.text(text);
        match &mut subject.action {
            Action::Run { command } => hide(command),
            Action::Edit { path, diff } => {
                hide(path);
                hide(diff);
            }
            Action::Other { title, detail } => {
                hide(title);
                hide(detail);
            }
        }
        if let Some(reason) = &mut subject.claimed_reason {
            hide(reason);
        }
        subject
    }

    /// Whoever has to judge a request can read what was said before it.
    fn words_before_a_request(&mut self) -> io::Result<()> {
        self.recorder.end_lines()?;
        self.recorder.flush()
    }

    /// Keeps what a person said with a denial, for a try that follows when this one breaks off.
    fn remember_note(&mut self, event: &Event) {
        let Event::ApprovalSettled {
            decision: Decision::Deny,
            by,
            note: Some(note),
            ..
        } = event
        else {
            return;
        };
        if by.surface != Surface::Policy && self.notes.len() < NOTES_MAX {
            self.notes.push(note.clone());
        }
    }

    /// Writes an answer down, and only then tells the agent.
    pub(super) fn apply(&mut self, applied: Applied) -> io::Result<()> {
        self.remember_note(&applied.event);
        self.recorder.event(applied.event)?;
        failpoints::reached("worker.answer.written");
        self.once_kept(applied.tell);
        Ok(())
    }
}

/// Waits until `at`; for ever when there is no such moment.
pub(super) async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
