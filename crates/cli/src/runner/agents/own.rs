//! Agents of the owner's own: added, removed, tried.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use control::{
    message::{Reply, Request},
    state::{AgentConfig, AgentTest, ConfigPatch, CustomAgent},
};
use protocol::agent::AgentName;

use super::super::client;
use crate::{
    arguments::AddAgent,
    context::Context,
    exit::{Done, Exit, Failure},
    format,
};

/// Adds an agent, or replaces the one of that name; it is tried first.
pub(super) async fn add(context: &Context, data: &Path, arguments: AddAgent) -> Done {
    let name = AgentName::new(arguments.name);
    let custom = CustomAgent {
        title: arguments.title,
        command: arguments.command,
        arguments: arguments.arguments,
        environment: variables(&arguments.environment)?,
        mode: arguments.mode,
    };
    if !arguments.untested {
        let test = tested(data, &name, Some(custom.clone())).await?;
        if let Some(problem) = test.problem {
            return Err(Failure::new(
                Exit::Failure,
                format!("{name} was not added: {}", format::printable(&problem)),
            )
            .hint("Correct its command; --untested adds it as it is."));
        }
        context.output.message(&words(&name, &test));
    }
    let agent = AgentConfig {
        enabled: true,
        custom: Some(custom),
        ..AgentConfig::default()
    };
    let patch = ConfigPatch {
        agents: [(name.clone(), agent)].into(),
        ..ConfigPatch::default()
    };
    client::call(data, Request::Configure { patch }).await?;
    context.output.message(&format!(
        "{name} was added; `coord runner agents` shows it."
    ));
    Ok(Exit::Ok)
}

/// Removes an agent from the settings.
pub(super) async fn remove(context: &Context, data: &Path, name: String) -> Done {
    let name = AgentName::new(name);
    let state = client::running_state(data).await?;
    let known = state.config.agents.get(&name);
    if known.is_none_or(|agent| agent.custom.is_none()) {
        return Err(Failure::new(
            Exit::NotFound,
            format!("there is no agent of your own called `{name}`"),
        )
        .hint("`coord runner agents` shows all of them; built-in ones can be switched off."));
    }
    let patch = ConfigPatch {
        agents_removed: vec![name.clone()],
        ..ConfigPatch::default()
    };
    client::call(data, Request::Configure { patch }).await?;
    context.output.message(&format!("{name} was removed."));
    Ok(Exit::Ok)
}

/// Starts an agent, shows what it says of itself, and ends it.
pub(super) async fn test(context: &Context, data: &Path, name: String) -> Done {
    let name = AgentName::new(name);
    let test = tested(data, &name, None).await?;
    context.output.result(&test, || words(&name, &test))?;
    if test.problem.is_some() {
        return Err(Failure::silent(Exit::Failure));
    }
    Ok(Exit::Ok)
}

async fn tested(
    data: &Path,
    name: &AgentName,
    custom: Option<CustomAgent>,
) -> Result<AgentTest, Failure> {
    let request = Request::TestAgent {
        name: name.clone(),
        custom,
    };
    match client::call(data, request).await? {
        Reply::AgentTest { test } => Ok(*test),
        _ => Err(client::strange()),
    }
}

fn words(name: &AgentName, test: &AgentTest) -> String {
    let mut text = String::new();
    let mut line = |what: &str, value: &str| {
        writeln!(text, "{what:<10}{}", format::printable(value)).ok();
    };
    if let Some(problem) = &test.problem {
        line("problem", problem);
    }
    let own = test.name.as_deref().unwrap_or(name.as_str());
    line("agent", own);
    if let Some(version) = &test.version {
        line("version", version);
    }
    match &test.mode {
        Some(mode) => line(
            "mode",
            &format!("{mode} (it offers {})", test.modes.join(", ")),
        ),
        None if test.modes.is_empty() => {}
        None => line("modes", &test.modes.join(", ")),
    }
    if !test.models.is_empty() {
        line("models", &test.models.join(", "));
    }
    if let Some(signed_out) = &test.signed_out {
        line("sign-in", signed_out);
    }
    if !test.sign_ins.is_empty() {
        line("sign in by", &test.sign_ins.join(", "));
    }
    text
}

/// `NAME=VALUE`, or `NAME` alone for its value in this terminal.
fn variables(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let each = given.iter().map(|given| match given.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => match std::env::var(given) {
            Ok(value) => Ok((given.clone(), value)),
            Err(_) => Err(Failure::new(
                Exit::Usage,
                format!("the variable {given} is not set here"),
            )
            .hint("Give its value as NAME=VALUE, or set it before.")),
        },
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_has_its_value_here_or_in_the_argument() {
        let given = ["A=b=c".to_owned(), "PATH".to_owned()];
        let found = variables(&given).unwrap();
        assert_eq!(found["A"], "b=c");
        assert_eq!(found["PATH"], std::env::var("PATH").unwrap());
        assert!(variables(&["COORD_IS_NOT_SET".to_owned()]).is_err());
    }

    #[test]
    fn a_test_shows_what_jobs_will_meet() {
        let test = AgentTest {
            name: Some("An agent".to_owned()),
            version: Some("1.2".to_owned()),
            modes: vec!["auto".to_owned(), "default".to_owned()],
            mode: Some("default".to_owned()),
            ..AgentTest::default()
        };
        let text = words(&AgentName::new("mine"), &test);
        assert!(text.contains("default (it offers auto, default)"), "{text}");
    }
}
