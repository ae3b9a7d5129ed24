//! What the agent waits for a person to say: approvals and questions.
//!
//! The floor of the permission policy, the owner's level and the rules are decided
//! here and at once; everything else waits, for a while. The first answer that is
//! applied counts, wherever it was given.

mod check;
mod over;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use agents::driver::ApprovalReply;
use control::state::SettledAsk;
use lifecycle::permission::{
    Allowances, Judgement, Verdict,
    rule::{self, Asker, NotARule},
};
use protocol::{
    agent::AgentName,
    approval::{AnsweredBy, Approval, ApprovalAnswer, ApprovalSubject, Decision, Surface},
    error::{ErrorCode, Problem},
    ids::{ApprovalId, QuestionId},
    question::{ItemAnswer, Question, QuestionAnswer, QuestionItem},
    record::Event,
    rule::PermissionRule,
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
/// How many answers are remembered, for whoever comes too late.
const SETTLED_MAX: usize = 32;

/// On which terms requests are answered.
pub(crate) struct Terms {
    /// The agent at work.
    pub(crate) agent: AgentName,
    /// The short name of the job's workspace.
    pub(crate) workspace: String,
    /// What the owner allows always.
    pub(crate) rules: Vec<PermissionRule>,
    /// How long a request waits for a person.
    pub(crate) patience: Duration,
}

impl Terms {
    fn asker(&self, now: Timestamp) -> Asker<'_> {
        Asker {
            agent: &self.agent,
            workspace: &self.workspace,
            now,
        }
    }

    /// When a request that comes now is given up, on either clock.
    fn end_of_patience(&self, now: Timestamp) -> (Instant, Timestamp) {
        let millis = i64::try_from(self.patience.as_millis()).unwrap_or(i64::MAX);
        let shown = Timestamp(now.0.saturating_add(millis));
        (Instant::now() + self.patience, shown)
    }
}

struct WaitingApproval {
    approval: Approval,
    /// As the agent put it; the approval shows it without secrets.
    asked: ApprovalSubject,
    /// Steady: a clock that is set must not end or prolong it.
    until: Instant,
    reply: oneshot::Sender<ApprovalReply>,
}

struct WaitingQuestion {
    question: Question,
    until: Instant,
    reply: oneshot::Sender<Vec<ItemAnswer>>,
}

/// Everything that waits, and what was allowed for the rest of the job.
pub(crate) struct Asks {
    ground: Ground,
    terms: Terms,
    approvals: Vec<WaitingApproval>,
    questions: Vec<WaitingQuestion>,
    allowed: Allowances,
    settled: VecDeque<SettledAsk>,
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
    pub(crate) fn new(ground: Ground, terms: Terms) -> Self {
        Self {
            ground,
            terms,
            approvals: Vec::new(),
            questions: Vec::new(),
            allowed: Allowances::default(),
            settled: VecDeque::new(),
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
    fn allowed_before(
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

    /// Takes in what the owner allows always, as a whole.
    pub(crate) fn take_rules(&mut self, rules: Vec<PermissionRule>) {
        self.terms.rules = rules;
    }

    /// Applies a person's answer to an approval, if it still waits and is exactly the one that was seen.
    pub(crate) fn answer_approval(
        &mut self,
        id: ApprovalId,
        answer: ApprovalAnswer,
        by: AnsweredBy,
        rule: Option<PermissionRule>,
        now: Timestamp,
    ) -> Result<Applied, Problem> {
        let place = self
            .approvals
            .iter()
            .position(|waiting| waiting.approval.id == id)
            .ok_or_else(|| self.too_late(&id.to_string()))?;
        let waiting = &self.approvals[place];
        if waiting.approval.digest != answer.digest {
            return Err(seen_otherwise());
        }
        let mut note = answer.note;
        match answer.decision {
            Decision::AllowForJob => {
                let asked = self.ground.resolved(&waiting.asked);
                self.allowed.allow(&asked, &self.ground.places());
            }
            Decision::AllowAlways => {
                let rule = rule.ok_or(NotARule::Empty).map_err(not_a_rule)?;
                let judgement = self.ground.judge(&waiting.asked);
                let asked = self.ground.resolved(&waiting.asked);
                let places = self.ground.places();
                if !rule::covers(&rule.matches, &asked, &judgement, &places) {
                    return Err(not_a_rule(NotARule::CoversOther));
                }
                // The record names the rule, wherever it is read.
                note = Some(rule.label());
                self.terms.rules.push(rule);
            }
            Decision::AllowOnce | Decision::Deny => {}
        }
        let waiting = self.approvals.remove(place);
        Ok(self.settle(waiting, answer.decision, by, note, now))
    }

    /// Answers for what waits and is covered by what has been allowed for the job, or always.
    pub(crate) fn covered(&mut self, now: Timestamp) -> Vec<Applied> {
        let mut applied = Vec::new();
        let mut place = 0;
        while let Some(waiting) = self.approvals.get(place) {
            let judgement = self.ground.judge(&waiting.asked);
            match self.allowed_before(&waiting.asked, &judgement, now) {
                Some((decision, rule)) => {
                    let waiting = self.approvals.remove(place);
                    applied.push(self.settle(waiting, decision, by_policy(rule), None, now));
                }
                None => place += 1,
            }
        }
        applied
    }

    /// Applies a person's answer to a question, on the same terms.
    pub(crate) fn answer_question(
        &mut self,
        id: QuestionId,
        answer: QuestionAnswer,
        by: AnsweredBy,
        now: Timestamp,
    ) -> Result<Applied, Problem> {
        let place = self
            .questions
            .iter()
            .position(|waiting| waiting.question.id == id)
            .ok_or_else(|| self.too_late(&id.to_string()))?;
        let question = &self.questions[place].question;
        if question.digest != answer.digest {
            return Err(seen_otherwise());
        }
        check(question, &answer.answers)?;
        let waiting = self.questions.remove(place);
        self.remember(id.to_string(), None, &by, now);
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

    /// What was answered lately, oldest first.
    pub(crate) fn settled(&self) -> Vec<SettledAsk> {
        self.settled.iter().cloned().collect()
    }

    fn settle(
        &mut self,
        waiting: WaitingApproval,
        decision: Decision,
        by: AnsweredBy,
        note: Option<String>,
        now: Timestamp,
    ) -> Applied {
        let id = waiting.approval.id;
        self.remember(id.to_string(), Some(decision), &by, now);
        let event = Event::ApprovalSettled {
            approval_id: id,
            decision,
            by,
            note: note.clone(),
        };
        let tell = Box::new(move || {
            waiting.reply.send(ApprovalReply { decision, note }).ok();
        });
        Applied { event, tell }
    }

    fn remember(&mut self, id: String, decision: Option<Decision>, by: &AnsweredBy, at: Timestamp) {
        if self.settled.len() >= SETTLED_MAX {
            self.settled.pop_front();
        }
        self.settled.push_back(SettledAsk {
            id,
            decision,
            by: by.clone(),
            at,
        });
    }

    /// What somebody hears whose answer comes after another one.
    fn too_late(&self, id: &str) -> Problem {
        settled_already(self.settled.iter().find(|settled| settled.id == id))
    }
}

fn by_policy(rule: String) -> AnsweredBy {
    AnsweredBy {
        surface: Surface::Policy,
        name: rule,
    }
}

fn not_a_rule(why: NotARule) -> Problem {
    Problem::new(
        ErrorCode::Invalid,
        format!("This cannot be allowed always: {why}."),
    )
}

#[cfg(test)]
mod tests;
