//! Answers to the service, and the agent's end with everything that it started.

use std::{io, time::Duration};

use agents::driver::{AgentEvent, Session};
use protocol::error::{ErrorCode, Problem};
use tokio::sync::mpsc;

use super::{Drive, turn::until};
use crate::{
    clock,
    link::{Ask, Asked, EndReason},
};

/// Time for an agent to end by itself, before it is killed.
const END_GRACE: Duration = Duration::from_secs(5);
/// Time in which an agent's end has to be over in any case.
const END_PATIENCE: Duration = Duration::from_secs(20);

impl Drive {
    /// Does what the service asks, and answers it.
    pub(super) fn answer(&mut self, asked: Asked) -> io::Result<()> {
        let applied = match asked.ask {
            Ask::Ping => {
                asked.reply.send(Ok(())).ok();
                return Ok(());
            }
            Ask::End { why } => {
                self.told_to_end(why)?;
                asked.reply.send(Ok(())).ok();
                return Ok(());
            }
            Ask::GoOn => {
                let parked = self.status.borrow().parked.clone();
                let may = parked.is_some_and(|parked| parked.due);
                self.may_go_on |= may;
                asked
                    .reply
                    .send(if may { Ok(()) } else { Err(not_due()) })
                    .ok();
                return Ok(());
            }
            Ask::AnswerApproval {
                approval_id,
                answer,
                by,
                rule,
            } => self.asks.answer_approval(
                approval_id,
                answer,
                by,
                rule.map(|rule| *rule),
                clock::now(),
            ),
            Ask::Rules { rules } => {
                self.asks.take_rules(rules);
                self.apply_all_covered()?;
                asked.reply.send(Ok(())).ok();
                return Ok(());
            }
            Ask::AnswerQuestion {
                question_id,
                answer,
                by,
            } => self
                .asks
                .answer_question(question_id, answer, by, clock::now()),
        };
        match applied {
            Ok(applied) => {
                self.apply(applied)?;
                self.apply_all_covered()?;
                asked.reply.send(Ok(())).ok();
                self.publish();
            }
            Err(problem) => {
                asked.reply.send(Err(problem)).ok();
            }
        }
        Ok(())
    }

    /// Answers what waits and is covered by now.
    fn apply_all_covered(&mut self) -> io::Result<()> {
        for applied in self.asks.covered(clock::now()) {
            self.apply(applied)?;
        }
        self.publish();
        Ok(())
    }

    fn told_to_end(&mut self, why: EndReason) -> io::Result<()> {
        if self.ending.is_none() {
            let reason = match &why {
                EndReason::Cancelled { by } => format!("the job was cancelled by {by}"),
                EndReason::ServiceStopped => "the runner was stopped".to_owned(),
                EndReason::NotOurs { because } => because.clone(),
            };
            for event in self.asks.withdraw_all(&reason) {
                self.recorder.event(event)?;
            }
            self.recorder.say(&format!("Ending the agent: {reason}."))?;
            self.ending = Some(why);
            self.publish();
        }
        Ok(())
    }

    /// Ends the agent and all its processes, and takes in what it says meanwhile.
    pub(super) async fn end_agent(
        &mut self,
        session: Session,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<()> {
        let Session {
            mut events,
            mut stop,
            ..
        } = session;
        let mut result = Ok(());
        let killed = {
            let end = tokio::time::timeout(END_PATIENCE, stop.end(END_GRACE));
            tokio::pin!(end);
            loop {
                let try_again_at = self.try_again_at();
                tokio::select! {
                    killed = &mut end => break killed,
                    () = until(try_again_at) => result = result.and(self.try_again()),
                    Some(request) = asked.recv() => {
                        result = result.and(self.answer(request));
                    }
                    Some(event) = events.recv(), if try_again_at.is_none() => {
                        result = result.and(self.last_words(event));
                    }
                }
            }
        };
        while let Ok(event) = events.try_recv() {
            result = result.and(self.last_words(event));
        }
        match killed {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "processes of the agent had to be stopped"),
            Err(_) => tracing::warn!("the agent's end takes too long; what is left is killed"),
        }
        drop(stop);
        for event in self.asks.withdraw_all("the agent has ended") {
            result = result.and(self.recorder.event(event));
        }
        result
    }

    /// Words after the end of the turn are kept; requests are not granted any more.
    fn last_words(&mut self, event: AgentEvent) -> io::Result<()> {
        match event {
            AgentEvent::ApprovalRequested { .. }
            | AgentEvent::QuestionAsked { .. }
            | AgentEvent::Ended(_) => Ok(()),
            event => self.take(event),
        }
    }
}

fn not_due() -> Problem {
    Problem::new(
        ErrorCode::Conflict,
        "The attempt is not parked, or its time has not come.",
    )
}

/// What the service hears once nothing can be asked of the agent any more.
pub(crate) fn too_late() -> Problem {
    Problem::new(
        ErrorCode::Conflict,
        "The agent has ended; its result is being handed over.",
    )
}
