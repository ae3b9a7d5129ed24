//! `coord runner rules`: what this machine allows always.

use std::path::Path;

use control::message::{Reply, Request};
use protocol::{
    agent::AgentName,
    rule::{PermissionRule, RuleDraft, RuleMatch},
};
use serde_json::json;

use super::client;
use crate::{
    answers::pick::pick,
    arguments::{LocalAnswers, NewRule, RulesCommand},
    context::Context,
    exit::Done,
    format,
};

/// Shows, makes or revokes.
pub(super) async fn run(
    context: &Context,
    data: &Path,
    arguments: LocalAnswers<RulesCommand>,
) -> Done {
    let state = client::running_state(data).await?;
    match arguments.command.unwrap_or_default() {
        RulesCommand::List => context.output.result(&state.rules, || listed(&state.rules)),
        RulesCommand::Add(new) => {
            let rule = draft(new);
            let Reply::Rule { rule } = client::call(data, Request::AddRule { rule }).await? else {
                return Err(client::strange());
            };
            context.output.result(&rule, || line(&rule))
        }
        RulesCommand::Revoke { id } => {
            let rule = pick(&state.rules, |rule| rule.id, &id, "rule")?;
            let rule_id = rule.id;
            client::call(data, Request::RevokeRule { rule_id }).await?;
            context.output.result(&json!({"revoked": rule_id}), || {
                format!("Revoked: {}", format::printable(&rule.matches.to_string()))
            })
        }
    }
}

fn draft(new: NewRule) -> RuleDraft {
    let matches = match (new.command, new.path, new.tool) {
        (Some(command), _, _) => RuleMatch::Command {
            words: command.split_whitespace().map(str::to_owned).collect(),
        },
        (None, Some(pattern), _) => RuleMatch::Path { pattern },
        (None, None, tool) => RuleMatch::Tool {
            tool: tool.unwrap_or_default(),
        },
    };
    RuleDraft {
        matches,
        agent: new.agent.map(AgentName::new),
        workspace: new.workspace,
        days: new.days,
    }
}

fn listed(rules: &[PermissionRule]) -> String {
    if rules.is_empty() {
        return "Nothing is allowed always.".to_owned();
    }
    rules.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(rule: &PermissionRule) -> String {
    let whose =
        |name: Option<&str>, all: &str| name.map_or_else(|| all.to_owned(), format::printable);
    format!(
        "{}\n  allows     {}\n  for        {}, {}\n  until      {}\n  made by    {}",
        rule.id,
        format::printable(&rule.matches.to_string()),
        whose(rule.agent.as_ref().map(AgentName::as_str), "every agent"),
        whose(rule.workspace.as_deref(), "every workspace"),
        format::clock(rule.expires_at),
        format::printable(&rule.created_by),
    )
}
