//! What the owner of this machine allows always: kept here, told to every worker.

use std::{io, sync::Arc};

use lifecycle::permission::rule::{self, NotARule};
use protocol::{
    approval::{AnsweredBy, Approval, ApprovalAnswer, Decision, Surface},
    error::{ErrorCode, Problem},
    ids::{AccountId, RuleId},
    limits::RULES_MAX,
    rule::{PermissionRule, RuleDraft},
};
use settings::rules::RuleFile;
use tokio::sync::{Mutex, watch};

use super::shared::Shared;
use crate::clock;

/// The rules of this machine; nobody else writes them.
#[derive(Debug)]
pub(crate) struct Rules {
    file: RuleFile,
    written: Mutex<Written>,
    /// What holds for every job.
    kept: watch::Sender<Arc<Vec<PermissionRule>>>,
}

/// What the file holds.
#[derive(Debug)]
struct Written {
    rules: Vec<PermissionRule>,
    /// Came with an answer that is on its way: whoever gave it is to be the one who answered,
    /// and not the rule.
    with_an_answer: Vec<RuleId>,
}

/// When a new rule begins to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Now,
    /// With [`release`] or [`take_back`].
    AfterTheAnswer,
}

impl Rules {
    /// The rules that are kept; none when they cannot be read, which is said in the log.
    pub(crate) fn open(file: RuleFile) -> Self {
        let mut rules = file.load().unwrap_or_else(|error| {
            tracing::error!(%error, "the rules cannot be read, so that none holds; the file is put aside");
            Vec::new()
        });
        let now = clock::now();
        rules.retain(|rule| rule.expires_at > now);
        Self {
            file,
            kept: watch::Sender::new(Arc::new(rules.clone())),
            written: Mutex::new(Written {
                rules,
                with_an_answer: Vec::new(),
            }),
        }
    }

    /// The rules now, and at every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Vec<PermissionRule>>> {
        self.kept.subscribe()
    }

    /// The rules now.
    pub(crate) fn now(&self) -> Arc<Vec<PermissionRule>> {
        Arc::clone(&self.kept.borrow())
    }

    /// Keeps a rule; the same one made anew takes the place of the earlier.
    async fn add(
        &self,
        draft: RuleDraft,
        by: String,
        begins: Begins,
    ) -> Result<PermissionRule, Problem> {
        let created_at = clock::now();
        let expires_at = rule::accept(&draft, created_at).map_err(not_a_rule)?;
        let rule = PermissionRule {
            id: RuleId(uuid::Uuid::now_v7()),
            matches: draft.matches,
            agent: draft.agent,
            workspace: draft.workspace,
            created_at,
            expires_at,
            created_by: by,
        };
        let mut written = self.written.lock().await;
        let mut rules = written.rules.clone();
        rules.retain(|one| one.expires_at > created_at && !is_same(one, &rule));
        if rules.len() >= RULES_MAX {
            let text = format!("There are {RULES_MAX} rules already.");
            return Err(Problem::new(ErrorCode::Conflict, text)
                .hint("Revoke one that is not needed any more."));
        }
        rules.push(rule.clone());
        self.write(&mut written, rules).await?;
        if begins == Begins::AfterTheAnswer {
            written.with_an_answer.push(rule.id);
        }
        self.tell(&written);
        Ok(rule)
    }

    /// Ends a rule; false when there is none.
    async fn revoke(&self, id: RuleId) -> Result<bool, Problem> {
        let mut written = self.written.lock().await;
        written.with_an_answer.retain(|one| *one != id);
        let mut rules = written.rules.clone();
        rules.retain(|rule| rule.id != id);
        let there = rules.len() < written.rules.len();
        if there {
            self.write(&mut written, rules).await?;
        }
        self.tell(&written);
        Ok(there)
    }

    async fn release(&self, id: RuleId) {
        let mut written = self.written.lock().await;
        written.with_an_answer.retain(|one| *one != id);
        self.tell(&written);
    }

    /// Writes the rules to the disk; they are as before when that fails.
    async fn write(
        &self,
        written: &mut Written,
        rules: Vec<PermissionRule>,
    ) -> Result<(), Problem> {
        let (file, new) = (self.file.clone(), rules.clone());
        tokio::task::spawn_blocking(move || file.save(&new))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| {
                let text = format!("The rules could not be written: {error}.");
                Problem::new(ErrorCode::Internal, text)
            })?;
        written.rules = rules;
        Ok(())
    }

    fn tell(&self, written: &Written) {
        let holds = |rule: &&PermissionRule| !written.with_an_answer.contains(&rule.id);
        let rules = written.rules.iter().filter(holds).cloned().collect();
        self.kept.send_replace(Arc::new(rules));
    }
}

fn is_same(one: &PermissionRule, other: &PermissionRule) -> bool {
    one.matches == other.matches
        && one.agent == other.agent
        && one.workspace == other.workspace
        && one.created_by == other.created_by
}

/// Makes a rule as a person at this machine wishes it.
pub(crate) async fn add(shared: &Shared, draft: RuleDraft) -> Result<PermissionRule, Problem> {
    let by = super::answers::person(shared, Surface::Window).name;
    let rule = shared.rules.add(draft, by, Begins::Now).await?;
    show(shared);
    Ok(rule)
}

/// Ends a rule, also for jobs that are under way.
pub(crate) async fn revoke(shared: &Shared, id: RuleId) -> Result<(), Problem> {
    let there = shared.rules.revoke(id).await?;
    show(shared);
    if there {
        return Ok(());
    }
    Err(Problem::new(
        ErrorCode::NotFound,
        "There is no such rule on this machine.",
    )
    .hint("It may have ended or been revoked meanwhile."))
}

/// What of an answer goes to the worker: with *always*, the rule is on the disk before it counts,
/// and holds for everything else after [`release`].
pub(crate) struct Ready {
    pub(crate) answer: ApprovalAnswer,
    pub(crate) rule: Option<PermissionRule>,
}

/// Refuses an answer with a rule that is for something else than `approval`, before it is kept.
pub(crate) fn fits(approval: &Approval, answer: &ApprovalAnswer) -> Result<(), Problem> {
    let (action, proposed) = (&approval.subject.action, approval.proposed.as_ref());
    match &answer.rule {
        Some(draft) if rule::is_for_something_else(&draft.matches, action, proposed) => {
            Err(not_a_rule(NotARule::CoversOther))
        }
        _ => Ok(()),
    }
}

fn not_a_rule(why: NotARule) -> Problem {
    Problem::new(ErrorCode::Invalid, format!("This cannot be a rule: {why}."))
}

/// Makes an answer of a person at this machine ready.
pub(crate) async fn of_owner(
    shared: &Shared,
    answer: ApprovalAnswer,
    by: &AnsweredBy,
) -> Result<Ready, Problem> {
    if answer.decision != Decision::AllowAlways {
        return Ok(Ready { answer, rule: None });
    }
    let draft = answer.rule.clone().ok_or_else(|| {
        Problem::new(
            ErrorCode::Invalid,
            "Allowing always needs the rule to be kept.",
        )
    })?;
    let by = by.name.clone();
    let rule = shared.rules.add(draft, by, Begins::AfterTheAnswer).await?;
    Ok(Ready {
        answer,
        rule: Some(rule),
    })
}

/// Makes an answer from the web ready: whoever does not own this machine, and whose rule
/// cannot be kept, allows it for the job at most.
pub(crate) async fn of_web(
    shared: &Shared,
    answer: ApprovalAnswer,
    by: &AnsweredBy,
    account: Option<AccountId>,
) -> Ready {
    let owner = shared.board.now().account.as_ref().map(|owner| owner.id);
    let for_job = for_the_job(answer.clone());
    if answer.decision == Decision::AllowAlways && (owner.is_none() || owner != account) {
        tracing::warn!(by = %by.name, "only the owner of this machine allows something always");
        return for_job;
    }
    match of_owner(shared, answer, by).await {
        Ok(ready) => ready,
        Err(problem) => {
            tracing::warn!(%problem, "a rule from the web was not kept");
            for_job
        }
    }
}

/// The same answer without a rule.
pub(crate) fn for_the_job(mut answer: ApprovalAnswer) -> Ready {
    answer.rule = None;
    if answer.decision == Decision::AllowAlways {
        answer.decision = Decision::AllowForJob;
    }
    Ready { answer, rule: None }
}

/// Lets a rule hold whose answer has been given.
pub(crate) async fn release(shared: &Shared, rule: Option<RuleId>) {
    let Some(id) = rule else { return };
    shared.rules.release(id).await;
    show(shared);
}

/// Takes back a rule whose answer did not count.
pub(crate) async fn take_back(shared: &Shared, rule: Option<RuleId>) {
    let Some(id) = rule else { return };
    if let Err(problem) = shared.rules.revoke(id).await {
        tracing::error!(%problem, "a rule could not be taken back");
    }
    show(shared);
}

/// Brings the rules in the state up to date.
fn show(shared: &Shared) {
    let rules = shared.rules.now();
    shared.board.update(|state| state.rules.clone_from(&rules));
}

#[cfg(test)]
mod tests {
    use protocol::rule::RuleMatch;

    use super::*;

    fn draft(word: &str) -> RuleDraft {
        RuleDraft {
            matches: RuleMatch::Command {
                words: vec!["git".to_owned(), word.to_owned()],
            },
            agent: None,
            workspace: None,
            days: None,
        }
    }

    #[tokio::test]
    async fn rules_outlast_the_service_and_a_revoked_one_is_gone() {
        let data = tempfile::tempdir().unwrap();
        let open = || Rules::open(RuleFile::of(data.path()));
        let rules = open();
        let mut seen = rules.watch();
        let one = rules
            .add(draft("push"), "Ada".to_owned(), Begins::Now)
            .await
            .unwrap();
        let two = rules
            .add(draft("fetch"), "Ada".to_owned(), Begins::Now)
            .await
            .unwrap();
        assert!(seen.has_changed().unwrap());
        assert_eq!(seen.borrow_and_update().len(), 2);
        assert_eq!(*open().now(), [one.clone(), two.clone()]);
        assert!(rules.revoke(one.id).await.unwrap());
        assert!(!rules.revoke(one.id).await.unwrap());
        assert_eq!(*open().now(), [two]);
    }

    #[tokio::test]
    async fn a_rule_that_comes_with_an_answer_holds_after_it() {
        let data = tempfile::tempdir().unwrap();
        let rules = Rules::open(RuleFile::of(data.path()));
        let by = || "Ada".to_owned();
        let begins = Begins::AfterTheAnswer;
        let one = rules.add(draft("push"), by(), begins).await.unwrap();
        let two = rules.add(draft("fetch"), by(), Begins::Now).await.unwrap();
        assert_eq!(**rules.now(), *std::slice::from_ref(&two));
        // What was written holds after a crash in between: it was wished.
        assert_eq!(Rules::open(RuleFile::of(data.path())).now().len(), 2);
        rules.release(one.id).await;
        assert_eq!(*rules.now(), [one, two]);
    }

    #[tokio::test]
    async fn the_same_rule_again_takes_the_place_of_the_earlier() {
        let data = tempfile::tempdir().unwrap();
        let rules = Rules::open(RuleFile::of(data.path()));
        for _ in 0..2 {
            let again = rules.add(draft("push"), "Ada".to_owned(), Begins::Now);
            let rule = again.await.unwrap();
            assert_eq!(*rules.now(), [rule]);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_a_rule_is_refused_and_nothing_is_written() {
        let data = tempfile::tempdir().unwrap();
        let rules = Rules::open(RuleFile::of(data.path()));
        let refused = rules
            .add(draft("*"), "Ada".to_owned(), Begins::Now)
            .await
            .unwrap_err();
        assert_eq!(refused.code, ErrorCode::Invalid);
        assert!(!data.path().join("rules.json").exists());
    }
}
