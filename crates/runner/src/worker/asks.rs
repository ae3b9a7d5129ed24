//! What the agent waits for a person to say: approvals and questions.
//!
//! The floor of the permission policy is decided here and at once; everything
//! else waits. The first answer that is applied counts, wherever it was given.

mod check;

use std::task::Poll;

use agents::driver::ApprovalReply;
use lifecycle::permission::{Allowances, Verdict};
use protocol::{
    approval::{AnsweredBy, Approval, ApprovalAnswer, ApprovalSubject, Decision, Surface},
    error::Problem,
    ids::{ApprovalId, QuestionId},
    question::{ItemAnswer, Question, QuestionAnswer, QuestionItem},
    record::Event,
    time::Timestamp,
};
use tokio::sync::oneshot;

use super::ground::Ground;
use check::{check, seen_otherwise, settled_already, shortened};

/// Most text of one request, in bytes; a person cannot judge more in full.
const SUBJECT_BYTES_MAX: usize = 256 * 1024;
/// The rule by which the same again needs no other answer.
const ALLOWED_FOR_JOB: &str = "allowed for this job";
/// Most requests that may wait at once.
const WAITING_MAX: usize = 64;

struct WaitingApproval {
    approval: Approval,
    /// As the agent put it; the approval shows it without secrets.
    asked: ApprovalSubject,
    reply: oneshot::Sender<ApprovalReply>,
}

struct WaitingQuestion {
    question: Question,
    reply: oneshot::Sender<Vec<ItemAnswer>>,
}

/// Everything that waits, and what was allowed for the rest of the job.
pub(crate) struct Asks {
    ground: Ground,
    approvals: Vec<WaitingApproval>,
    questions: Vec<WaitingQuestion>,
    allowed: Allowances,
}

/// A request for permission as it comes from the agent.
pub(crate) struct Wanted {
    /// As the agent put it.
    pub(crate) asked: ApprovalSubject,
    /// The same without secrets.
    pub(crate) shown: ApprovalSubject,
    /// Which tool call waits.
    pub(crate) tool_call: Option<String>,
    /// Takes the answer.
    pub(crate) reply: oneshot::Sender<ApprovalReply>,
}

/// What follows from an answer, in this order: write the event, then tell the agent.
pub(crate) struct Applied {
    /// For the record.
    pub(crate) event: Event,
    /// Tells the agent.
    pub(crate) tell: Box<dyn FnOnce() + Send>,
}

/// A request as it goes into the record, with its answer where no person is needed.
pub(crate) struct Requested {
    /// The request itself.
    pub(crate) event: Event,
    /// Set when it is settled already; else it waits.
    pub(crate) settled: Option<Applied>,
}

impl Asks {
    /// Nothing waits yet.
    pub(crate) fn new(ground: Ground) -> Self {
        Self {
            ground,
            approvals: Vec::new(),
            questions: Vec::new(),
            allowed: Allowances::default(),
        }
    }

    /// Takes in a request for permission.
    pub(crate) fn approval(&mut self, id: ApprovalId, wanted: Wanted, now: Timestamp) -> Requested {
        let Wanted {
            asked,
            mut shown,
            tool_call,
            reply,
        } = wanted;
        let size = serde_json::to_vec(&asked).map_or(usize::MAX, |json| json.len());
        let too_large = size > SUBJECT_BYTES_MAX;
        if too_large {
            shown = shortened(shown);
        }
        let judgement = self.ground.judge(&asked);
        let settled = self.without_a_person(&asked, judgement.verdict, too_large);
        shown.inside_folder &= judgement.inside_folder;
        shown.risks.extend(judgement.risks);
        shown.risks.sort_unstable();
        shown.risks.dedup();
        let mut approval = Approval::new(id, shown, now);
        approval.tool_call = tool_call;
        let event = Event::ApprovalRequested {
            approval: approval.clone(),
        };
        let waiting = WaitingApproval {
            approval,
            asked,
            reply,
        };
        let Some((decision, rule, note)) = settled else {
            self.approvals.push(waiting);
            return Requested {
                event,
                settled: None,
            };
        };
        let by = AnsweredBy {
            surface: Surface::Policy,
            name: rule,
        };
        Requested {
            event,
            settled: Some(settle(waiting, decision, by, note)),
        }
    }

    /// What needs no person: decision, rule and words for the agent.
    fn without_a_person(
        &self,
        asked: &ApprovalSubject,
        verdict: Verdict,
        too_large: bool,
    ) -> Option<(Decision, String, Option<String>)> {
        let deny =
            |rule: &str, reason: String| Some((Decision::Deny, rule.to_owned(), Some(reason)));
        match verdict {
            Verdict::Deny { rule, reason } => deny(rule, reason),
            Verdict::Allow { rule } => Some((Decision::AllowOnce, rule.to_owned(), None)),
            Verdict::Ask if too_large => deny(
                "too large to be judged",
                "This is more than a person can look at in full. Do it in smaller steps."
                    .to_owned(),
            ),
            Verdict::Ask
                if self
                    .allowed
                    .cover(&self.ground.resolved(asked), &self.ground.places()) =>
            {
                Some((Decision::AllowForJob, ALLOWED_FOR_JOB.to_owned(), None))
            }
            Verdict::Ask if self.approvals.len() >= WAITING_MAX => deny(
                "too many requests",
                "Too many requests wait for a person already. Wait for their answers first."
                    .to_owned(),
            ),
            Verdict::Ask => None,
        }
    }

    /// Takes in a question.
    pub(crate) fn question(
        &mut self,
        id: QuestionId,
        items: Vec<QuestionItem>,
        now: Timestamp,
        reply: oneshot::Sender<Vec<ItemAnswer>>,
    ) -> Option<Event> {
        if self.questions.len() >= WAITING_MAX || items.is_empty() {
            // Dropping the reply tells the agent that nobody answered.
            return None;
        }
        let question = Question::new(id, items, now);
        self.questions.push(WaitingQuestion {
            question: question.clone(),
            reply,
        });
        Some(Event::QuestionAsked { question })
    }

    /// Applies a person's answer to an approval, if it still waits and is exactly the one that was seen.
    pub(crate) fn answer_approval(
        &mut self,
        id: ApprovalId,
        answer: ApprovalAnswer,
        by: AnsweredBy,
    ) -> Result<Applied, Problem> {
        let place = self
            .approvals
            .iter()
            .position(|waiting| waiting.approval.id == id)
            .ok_or_else(settled_already)?;
        if self.approvals[place].approval.digest != answer.digest {
            return Err(seen_otherwise());
        }
        let waiting = self.approvals.remove(place);
        if answer.decision == Decision::AllowForJob {
            let asked = self.ground.resolved(&waiting.asked);
            self.allowed.allow(&asked, &self.ground.places());
        }
        Ok(settle(waiting, answer.decision, by, answer.note))
    }

    /// Answers for what waits and is covered by what has just been allowed for the job.
    pub(crate) fn covered(&mut self) -> Vec<Applied> {
        let (ground, allowed) = (&self.ground, &self.allowed);
        let is_covered = |waiting: &mut WaitingApproval| {
            allowed.cover(&ground.resolved(&waiting.asked), &ground.places())
        };
        let covered: Vec<WaitingApproval> = self.approvals.extract_if(.., is_covered).collect();
        let by = AnsweredBy {
            surface: Surface::Policy,
            name: ALLOWED_FOR_JOB.to_owned(),
        };
        let settle_one = |waiting| settle(waiting, Decision::AllowForJob, by.clone(), None);
        covered.into_iter().map(settle_one).collect()
    }

    /// Applies a person's answer to a question, on the same terms.
    pub(crate) fn answer_question(
        &mut self,
        id: QuestionId,
        answer: QuestionAnswer,
        by: AnsweredBy,
    ) -> Result<Applied, Problem> {
        let place = self
            .questions
            .iter()
            .position(|waiting| waiting.question.id == id)
            .ok_or_else(settled_already)?;
        let question = &self.questions[place].question;
        if question.digest != answer.digest {
            return Err(seen_otherwise());
        }
        check(question, &answer.answers)?;
        let waiting = self.questions.remove(place);
        let event = Event::QuestionSettled {
            question_id: id,
            answers: answer.answers.clone(),
            by,
        };
        let tell = Box::new(move || {
            waiting.reply.send(answer.answers).ok();
        });
        Ok(Applied { event, tell })
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

    /// What waits now, oldest first.
    pub(crate) fn waiting(&self) -> (Vec<Approval>, Vec<Question>) {
        (
            self.approvals
                .iter()
                .map(|waiting| waiting.approval.clone())
                .collect(),
            self.questions
                .iter()
                .map(|waiting| waiting.question.clone())
                .collect(),
        )
    }
}

fn settle(
    waiting: WaitingApproval,
    decision: Decision,
    by: AnsweredBy,
    note: Option<String>,
) -> Applied {
    let event = Event::ApprovalSettled {
        approval_id: waiting.approval.id,
        decision,
        by,
        note: note.clone(),
    };
    let tell = Box::new(move || {
        waiting.reply.send(ApprovalReply { decision, note }).ok();
    });
    Applied { event, tell }
}
