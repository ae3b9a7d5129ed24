//! What the owner of this machine allows always: kept here, told to every worker.

use std::{io, sync::Arc};

use lifecycle::permission::rule;
use protocol::{
    approval::{AnsweredBy, ApprovalAnswer, Decision, Surface},
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
    /// Held while the file is changed, so that no change gets lost.
    changing: Mutex<()>,
    kept: watch::Sender<Arc<Vec<PermissionRule>>>,
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
            changing: Mutex::new(()),
            kept: watch::Sender::new(Arc::new(rules)),
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

    /// Keeps a rule.
    async fn add(&self, draft: RuleDraft, by: String) -> Result<PermissionRule, Problem> {
        let created_at = clock::now();
        let expires_at = rule::accept(&draft, created_at).map_err(|why| {
            Problem::new(ErrorCode::Invalid, format!("This cannot be a rule: {why}."))
        })?;
        let rule = PermissionRule {
            id: RuleId(uuid::Uuid::now_v7()),
            matches: draft.matches,
            agent: draft.agent,
            workspace: draft.workspace,
            created_at,
            expires_at,
            created_by: by,
        };
        let kept = rule.clone();
        let kept_ones = self
            .change(|rules| {
                rules.retain(|one| one.expires_at > created_at);
                let room = rules.len() < RULES_MAX;
                if room {
                    rules.push(kept);
                }
                room
            })
            .await?;
        if kept_ones {
            return Ok(rule);
        }
        Err(Problem::new(
            ErrorCode::Conflict,
            format!("There are {RULES_MAX} rules already."),
        )
        .hint("Revoke one that is not needed any more."))
    }

    /// Ends a rule; false when there is none.
    async fn revoke(&self, id: RuleId) -> Result<bool, Problem> {
        self.change(|rules| {
            let before = rules.len();
            rules.retain(|rule| rule.id != id);
            rules.len() < before
        })
        .await
    }

    /// Changes the rules on the disk, then for everybody; nothing when `change` says so.
    async fn change(
        &self,
        change: impl FnOnce(&mut Vec<PermissionRule>) -> bool,
    ) -> Result<bool, Problem> {
        let _alone = self.changing.lock().await;
        let mut rules = (*self.now()).clone();
        if !change(&mut rules) {
            return Ok(false);
        }
        let (file, written) = (self.file.clone(), rules.clone());
        tokio::task::spawn_blocking(move || file.save(&written))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| {
                let text = format!("The rules could not be written: {error}.");
                Problem::new(ErrorCode::Internal, text)
            })?;
        self.kept.send_replace(Arc::new(rules));
        Ok(true)
    }
}

/// Makes a rule as a person at this machine wishes it.
pub(crate) async fn add(shared: &Shared, draft: RuleDraft) -> Result<PermissionRule, Problem> {
    let by = super::answers::person(shared, Surface::Window).name;
    let rule = shared.rules.add(draft, by).await?;
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

/// What of an answer goes to the worker: with *always*, the rule stands before it counts.
pub(crate) struct Ready {
    pub(crate) answer: ApprovalAnswer,
    pub(crate) rule: Option<PermissionRule>,
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
    let rule = shared.rules.add(draft, by.name.clone()).await?;
    show(shared);
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
        let one = rules.add(draft("push"), "Ada".to_owned()).await.unwrap();
        let two = rules.add(draft("fetch"), "Ada".to_owned()).await.unwrap();
        assert!(seen.has_changed().unwrap());
        assert_eq!(seen.borrow_and_update().len(), 2);
        assert_eq!(*open().now(), [one.clone(), two.clone()]);
        assert!(rules.revoke(one.id).await.unwrap());
        assert!(!rules.revoke(one.id).await.unwrap());
        assert_eq!(*open().now(), [two]);
    }

    #[tokio::test]
    async fn what_cannot_be_a_rule_is_refused_and_nothing_is_written() {
        let data = tempfile::tempdir().unwrap();
        let rules = Rules::open(RuleFile::of(data.path()));
        let refused = rules.add(draft("*"), "Ada".to_owned()).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Invalid);
        assert!(!data.path().join("rules.json").exists());
    }
}
