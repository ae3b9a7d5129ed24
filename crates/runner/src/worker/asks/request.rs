//! What the agent asks for, and what needs no person: the floor, the owner's level, the rules.

use lifecycle::permission::{Judgement, Verdict, rule};
use protocol::{
    approval::{Approval, ApprovalSubject, Decision},
    ids::{ApprovalId, QuestionId},
    question::{ItemAnswer, Question, QuestionItem},
    record::Event,
    time::Timestamp,
};
use tokio::sync::oneshot;

use super::{
    Asks, Requested, WAITING_MAX, WaitingApproval, WaitingQuestion, Wanted, by_policy,
    check::shortened,
};

/// Most text of one request, in bytes; a person cannot judge more in full.
const SUBJECT_BYTES_MAX: usize = 256 * 1024;
/// The rule by which the same again needs no other answer.
const ALLOWED_FOR_JOB: &str = "allowed for this job";

impl Asks {
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
        let settled = self.without_a_person(&asked, &judgement, too_large, now);
        let proposed = self.proposed(&asked, &shown, &judgement);
        shown.inside_folder &= judgement.inside_folder;
        shown.risks.extend(judgement.risks);
        shown.risks.sort_unstable();
        shown.risks.dedup();
        let (until, expires_at) = self.terms.end_of_patience(now);
        let mut approval = Approval::new(id, shown, now);
        approval.tool_call = tool_call;
        approval.agent = Some(self.terms.agent.clone());
        approval.workspace = Some(self.terms.workspace.clone());
        if settled.is_none() {
            approval.expires_at = Some(expires_at);
            approval.proposed = proposed;
        }
        let event = Event::ApprovalRequested {
            approval: approval.clone(),
        };
        let waiting = WaitingApproval {
            approval,
            asked,
            until,
            reply,
        };
        let Some((decision, rule, note)) = settled else {
            self.approvals.push(waiting);
            return Requested {
                event,
                settled: None,
            };
        };
        Requested {
            event,
            settled: Some(self.settle(waiting, decision, by_policy(rule), note, now)),
        }
    }

    /// A rule for whoever wants to allow it always; what is shown without a secret gets none.
    fn proposed(
        &self,
        asked: &ApprovalSubject,
        shown: &ApprovalSubject,
        judgement: &Judgement,
    ) -> Option<protocol::rule::RuleMatch> {
        if asked.action != shown.action {
            return None;
        }
        rule::propose(
            &self.ground.resolved(asked),
            judgement,
            &self.ground.places(),
        )
    }

    /// What needs no person: decision, rule and words for the agent.
    fn without_a_person(
        &self,
        asked: &ApprovalSubject,
        judgement: &Judgement,
        too_large: bool,
        now: Timestamp,
    ) -> Option<(Decision, String, Option<String>)> {
        let deny = |rule: &str, reason: &str| {
            Some((Decision::Deny, rule.to_owned(), Some(reason.to_owned())))
        };
        match &judgement.verdict {
            Verdict::Deny { rule, reason } => return deny(rule, reason),
            Verdict::Allow { rule } => {
                return Some((Decision::AllowOnce, (*rule).to_owned(), None));
            }
            Verdict::Ask => {}
        }
        if too_large {
            return deny(
                "too large to be judged",
                "This is more than a person can look at in full. Do it in smaller steps.",
            );
        }
        if let Some((decision, rule)) = self.allowed_before(asked, judgement, now) {
            return Some((decision, rule, None));
        }
        if self.approvals.len() >= WAITING_MAX {
            return deny(
                "too many requests",
                "Too many requests wait for a person already. Wait for their answers first.",
            );
        }
        None
    }

    /// What a person has allowed for this job, or always.
    pub(super) fn allowed_before(
        &self,
        asked: &ApprovalSubject,
        judgement: &Judgement,
        now: Timestamp,
    ) -> Option<(Decision, String)> {
        let (resolved, places) = (self.ground.resolved(asked), self.ground.places());
        if self.allowed.cover(&resolved, &places) {
            return Some((Decision::AllowForJob, ALLOWED_FOR_JOB.to_owned()));
        }
        let (rules, asker) = (&self.terms.rules, self.terms.asker(now));
        rule::first_that_covers(rules, asker, &resolved, judgement, &places)
            .map(|rule| (Decision::AllowAlways, rule.label()))
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
        let (until, expires_at) = self.terms.end_of_patience(now);
        let mut question = Question::new(id, items, now);
        question.expires_at = Some(expires_at);
        self.questions.push(WaitingQuestion {
            question: question.clone(),
            until,
            reply,
        });
        Some(Event::QuestionAsked { question })
    }
}
