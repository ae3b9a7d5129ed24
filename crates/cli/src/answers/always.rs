//! The decision that was typed, with the rule that goes with *always*.

use protocol::{
    approval::{Action, Approval, Decision},
    rule::{RuleDraft, RuleMatch},
};

use crate::{
    arguments::Always,
    exit::{Exit, Failure},
    format,
};

/// What is decided, and the rule when it is for always.
pub(crate) fn decided(
    approval: &Approval,
    for_job: bool,
    always: Always,
) -> Result<(Decision, Option<RuleDraft>), Failure> {
    let Some(wished) = always.rule else {
        let decision = if for_job {
            Decision::AllowForJob
        } else {
            Decision::AllowOnce
        };
        return Ok((decision, None));
    };
    let matches = match wished {
        Some(text) => written(&approval.subject.action, text),
        None => approval.proposed.clone().ok_or_else(|| {
            Failure::new(Exit::Usage, "no rule is proposed for this")
                .hint("It is better asked about each time; or write a rule: --always \"git push\".")
        })?,
    };
    if let Some(proposed) = &approval.proposed
        && matches.reaches_beyond(proposed)
        && !always.wider
    {
        let (rule, proposed) = (matches.to_string(), proposed.to_string());
        let text = format!(
            "the rule \"{}\" allows more than \"{}\", which is proposed",
            format::printable(&rule),
            format::printable(&proposed)
        );
        return Err(Failure::new(Exit::Usage, text)
            .hint("Add --wider to keep it all the same, or leave the rule out after --always."));
    }
    let rule = RuleDraft {
        matches,
        agent: approval.agent.clone(),
        workspace: approval.workspace.clone(),
        days: always.days,
    };
    Ok((Decision::AllowAlways, Some(rule)))
}

/// A rule as it was typed, of the kind that fits what is asked.
fn written(action: &Action, text: String) -> RuleMatch {
    match action {
        Action::Run { .. } => RuleMatch::Command {
            words: text.split_whitespace().map(str::to_owned).collect(),
        },
        Action::Edit { .. } => RuleMatch::Path { pattern: text },
        Action::Other { .. } => RuleMatch::Tool { tool: text },
    }
}
