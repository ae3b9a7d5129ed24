//! Requests that end without a person's answer.

use std::{task::Poll, time::Instant};

use protocol::{approval::Decision, record::Event, time::Timestamp};

use super::{Applied, Asks, by_policy};

/// What stands in the record when the time for an answer is over.
const NOBODY: &str = "nobody answered in time";

impl Asks {
    /// When the next request is given up; none when nothing waits.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let approvals = self.approvals.iter().map(|waiting| waiting.until);
        let questions = self.questions.iter().map(|waiting| waiting.until);
        approvals.chain(questions).min()
    }

    /// Goes on without the answers for which the time is over at `at`: what was asked is denied,
    /// and a question counts as answered by nobody.
    pub(crate) fn overdue(&mut self, at: Instant, now: Timestamp) -> Vec<Applied> {
        let note = "Nobody answered in time, so this is not allowed. Go on without it.";
        let approvals: Vec<_> = self
            .approvals
            .extract_if(.., |waiting| waiting.until <= at)
            .collect();
        let mut applied: Vec<Applied> = approvals
            .into_iter()
            .map(|waiting| {
                let (by, note) = (by_policy(NOBODY.to_owned()), Some(note.to_owned()));
                self.settle(waiting, Decision::Deny, by, note, now)
            })
            .collect();
        let questions = self.questions.extract_if(.., |waiting| waiting.until <= at);
        applied.extend(questions.map(|waiting| Applied {
            event: Event::QuestionWithdrawn {
                question_id: waiting.question.id,
                reason: NOBODY.to_owned(),
            },
            // The agent hears from the dropped reply that nobody answered.
            tell: Box::new(move || drop(waiting.reply)),
        }));
        applied
    }

    /// Waits until the agent no longer wants an answer to something; says what, for the record.
    pub(crate) async fn withdrawn(&mut self) -> Event {
        std::future::poll_fn(|context| {
            let gone = self
                .approvals
                .iter_mut()
                .position(|waiting| waiting.reply.poll_closed(context).is_ready());
            if let Some(place) = gone {
                let approval_id = self.approvals.remove(place).approval.id;
                let reason = "the agent does not wait for it any more".to_owned();
                return Poll::Ready(Event::ApprovalWithdrawn {
                    approval_id,
                    reason,
                });
            }
            let gone = self
                .questions
                .iter_mut()
                .position(|waiting| waiting.reply.poll_closed(context).is_ready());
            if let Some(place) = gone {
                let question_id = self.questions.remove(place).question.id;
                let reason = "the agent does not wait for it any more".to_owned();
                return Poll::Ready(Event::QuestionWithdrawn {
                    question_id,
                    reason,
                });
            }
            Poll::Pending
        })
        .await
    }

    /// Drops everything that waits, since the agent ends; the events say so.
    pub(crate) fn withdraw_all(&mut self, reason: &str) -> Vec<Event> {
        let approvals = self
            .approvals
            .drain(..)
            .map(|waiting| Event::ApprovalWithdrawn {
                approval_id: waiting.approval.id,
                reason: reason.to_owned(),
            });
        let questions = self
            .questions
            .drain(..)
            .map(|waiting| Event::QuestionWithdrawn {
                question_id: waiting.question.id,
                reason: reason.to_owned(),
            });
        approvals.chain(questions).collect()
    }
}
