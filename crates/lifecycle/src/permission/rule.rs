//! Rules that allow something always: which is proposed, which may be kept, what one covers.
//!
//! A rule is narrow by what it can say. It covers a single plain command and nothing that is
//! put together around one; never a shell, a wrapper or an interpreter, which would run
//! anything; and nothing that reaches out of the job's folder. The floor and the owner's
//! level are asked first, each time: what they deny, no rule allows.
//!
//! Not here: where rules are kept, and who may make one.

mod pattern;
#[cfg(test)]
mod tests;
mod words;

use protocol::{
    agent::AgentName,
    approval::{Action, ApprovalSubject, Risk},
    limits::{RULE_DAYS_DEFAULT, RULE_DAYS_MAX},
    rule::{PermissionRule, RuleDraft, RuleMatch},
    time::Timestamp,
};

use super::{Judgement, Places, path, steering};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Longest text of a rule's word, tool or pattern.
const TEXT_CHARS_MAX: usize = 200;
/// Most words of a command.
const WORDS_MAX: usize = 16;

/// Why something cannot be a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARule {
    /// There is nothing in it.
    #[error("a rule has to say what it allows")]
    Empty,
    /// It is too long.
    #[error("a rule may have {WORDS_MAX} words of {TEXT_CHARS_MAX} characters at most")]
    TooLong,
    /// It holds a sign that stands for something else.
    #[error("a rule takes words as they are: no wildcards, variables, quotes or line breaks")]
    Signs,
    /// The program runs whatever it is told to.
    #[error("this program runs any other command, so a rule for it would allow everything")]
    RunsAnything,
    /// The program deletes, or changes the machine.
    #[error("what deletes things or needs the administrator's rights is asked about each time")]
    Dangerous,
    /// The pattern leads out of the job's folder, or covers all of it.
    #[error("a path is written from the job's folder on, and stays in it: `src/**` or `docs/*.md`")]
    NotInFolder,
    /// It would end at once, or never.
    #[error("a rule holds for 1 to {RULE_DAYS_MAX} days")]
    Days,
    /// It does not cover what it was made for.
    #[error("this rule does not cover what is asked; change the rule, or allow it once")]
    CoversOther,
}

/// For whom a rule is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The agent at work.
    pub agent: &'a AgentName,
    /// The short name of the job's workspace.
    pub workspace: &'a str,
    /// The time by the machine's clock.
    pub now: Timestamp,
}

/// A narrow rule that would cover `subject`; none where no rule should.
pub fn propose(
    subject: &ApprovalSubject,
    judgement: &Judgement,
    places: &Places<'_>,
) -> Option<RuleMatch> {
    let proposed = match &subject.action {
        Action::Run { command } => RuleMatch::Command {
            words: words::narrow_prefix(&words::plain_command(command)?),
        },
        Action::Edit { .. } => RuleMatch::Path {
            pattern: pattern::beside(&within_folder(subject, places)?),
        },
        Action::Other { title, .. } => RuleMatch::Tool {
            tool: title.clone(),
        },
    };
    let fits = check(&proposed).is_ok() && covers(&proposed, subject, judgement, places);
    fits.then_some(proposed)
}

/// Whether `rule` may be kept at all.
pub fn check(rule: &RuleMatch) -> Result<(), NotARule> {
    match rule {
        RuleMatch::Command { words } => words::check(words),
        RuleMatch::Tool { tool } => check_tool(tool),
        RuleMatch::Path { pattern } => pattern::check(pattern),
    }
}

/// Whether a wished rule may be kept, and when it ends if it begins at `now`.
pub fn accept(draft: &RuleDraft, now: Timestamp) -> Result<Timestamp, NotARule> {
    check(&draft.matches)?;
    let days = draft.days.unwrap_or(RULE_DAYS_DEFAULT);
    if !(1..=RULE_DAYS_MAX).contains(&days) {
        return Err(NotARule::Days);
    }
    Ok(Timestamp(now.0.saturating_add(i64::from(days) * DAY_MS)))
}

/// Whether a rule of this kind covers the request, as it was judged.
pub fn covers(
    rule: &RuleMatch,
    subject: &ApprovalSubject,
    judgement: &Judgement,
    places: &Places<'_>,
) -> bool {
    // What deserves more care than talking to the network is asked about each time.
    let careful = judgement.risks.iter().any(|risk| *risk != Risk::Network);
    let steers = steering::touched(&judgement.paths, places);
    if careful || steers || check(rule).is_err() {
        return false;
    }
    match (rule, &subject.action) {
        (RuleMatch::Command { words }, Action::Run { command }) => words::plain_command(command)
            .is_some_and(|asked| asked.starts_with(words) && !words::hands_over(&asked)),
        (RuleMatch::Tool { tool }, Action::Other { title, .. }) => tool == title,
        (RuleMatch::Path { pattern }, Action::Edit { .. }) => within_folder(subject, places)
            .is_some_and(|path| pattern::matches(&path::one_case(pattern, places), &path)),
        _ => false,
    }
}

/// Whether a rule that a person wrote for a request is surely for something else.
///
/// For whoever hears of it before the machine does, and knows nothing of its folders: what it
/// passes may still be refused there.
pub fn is_for_something_else(
    written: &RuleMatch,
    action: &Action,
    proposed: Option<&RuleMatch>,
) -> bool {
    match (written, action) {
        (RuleMatch::Command { words }, Action::Run { command }) => {
            !words::plain_command(command).is_some_and(|asked| asked.starts_with(words))
        }
        (RuleMatch::Tool { tool }, Action::Other { title, .. }) => tool != title,
        (RuleMatch::Path { pattern }, Action::Edit { path, .. }) => {
            // What is proposed names the file's place in the job's folder.
            let Some(RuleMatch::Path { pattern: proposed }) = proposed else {
                return false;
            };
            let asked = pattern::place_of(path, proposed).to_lowercase();
            !pattern::matches(&pattern.to_lowercase(), &asked)
        }
        _ => true,
    }
}

/// The first rule that holds for `asker` and covers the request.
pub fn first_that_covers<'r>(
    rules: &'r [PermissionRule],
    asker: Asker<'_>,
    subject: &ApprovalSubject,
    judgement: &Judgement,
    places: &Places<'_>,
) -> Option<&'r PermissionRule> {
    rules
        .iter()
        .find(|rule| holds(rule, asker) && covers(&rule.matches, subject, judgement, places))
}

/// Whether a rule is meant for `asker`, now.
fn holds(rule: &PermissionRule, asker: Asker<'_>) -> bool {
    // A clock that was set back must not make a rule last longer than it was made for.
    (rule.created_at..rule.expires_at).contains(&asker.now)
        && rule.agent.as_ref().is_none_or(|agent| agent == asker.agent)
        && rule
            .workspace
            .as_ref()
            .is_none_or(|workspace| workspace == asker.workspace)
}

/// The path of a change, from the job's folder on.
fn within_folder(subject: &ApprovalSubject, places: &Places<'_>) -> Option<String> {
    let Action::Edit { path, .. } = &subject.action else {
        return None;
    };
    let directory = path::resolve(&subject.directory, places.folder, places);
    let full = path::resolve(path, &directory, places);
    let folder = path::canonical(places.folder, places);
    let within = full.strip_prefix(&folder)?.strip_prefix('/')?;
    (!within.is_empty()).then(|| within.to_owned())
}

fn check_tool(tool: &str) -> Result<(), NotARule> {
    if tool.is_empty() {
        return Err(NotARule::Empty);
    }
    if tool.chars().count() > TEXT_CHARS_MAX {
        return Err(NotARule::TooLong);
    }
    // A name, and no sentence: sentences say what is done, and change from one time to the next.
    let is_name = |c: char| c.is_alphanumeric() || "_-.:/".contains(c);
    if tool.chars().all(is_name) {
        Ok(())
    } else {
        Err(NotARule::Signs)
    }
}
