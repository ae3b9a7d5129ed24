//! What a person says to a request, and what else that settles.

use lifecycle::permission::rule::{self, NotARule};
use protocol::{
    approval::{AnsweredBy, ApprovalAnswer, Decision},
    error::{ErrorCode, Problem},
    ids::{ApprovalId, QuestionId},
    question::QuestionAnswer,
    record::Event,
    rule::PermissionRule,
    time::Timestamp,
};

use super::{
    Applied, Asks, by_policy,
    check::{check, seen_otherwise},
};

impl Asks {
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
        if !answer.declines() {
            check(question, &answer.answers)?;
        }
        let waiting = self.questions.remove(place);
        self.remember(id.to_string(), None, &by, now);
        let event = Event::QuestionSettled {
            question_id: id,
            answers: answer.answers.clone(),
            by,
        };
        let tell: Box<dyn FnOnce() + Send> = if answer.declines() {
            // The agent hears from the dropped reply that it is to decide for itself.
            Box::new(move || drop(waiting.reply))
        } else {
            Box::new(move || {
                waiting.reply.send(answer.answers).ok();
            })
        };
        Ok(Applied { event, tell })
    }
}

fn not_a_rule(why: NotARule) -> Problem {
    Problem::new(
        ErrorCode::Invalid,
        format!("This cannot be allowed always: {why}."),
    )
}
