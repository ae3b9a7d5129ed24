//! Agents that the owner described: what they are, and what makes a description usable.

use std::collections::BTreeMap;

use protocol::agent::AgentName;

use super::{AgentSettings, ConfigError};

/// The value of `kind` of agents that speak the Agent Client Protocol.
pub(super) const KIND: &str = "acp";
/// Longest name that people see.
const TITLE_CHARS_MAX: usize = 60;

/// An agent of the owner's own: a program that speaks the Agent Client Protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomSettings {
    /// What people call it; its short name when none.
    pub title: Option<String>,
    /// Its program: a name to be looked for, or a full path.
    pub command: String,
    /// The arguments that make it speak the protocol.
    pub arguments: Vec<String>,
    /// Variables set for it.
    pub environment: BTreeMap<String, String>,
    /// The mode in which it works; one in which it asks when none.
    pub mode: Option<String>,
}

/// Whether an agent can be kept as it is described.
pub(super) fn check(name: &AgentName, agent: &AgentSettings) -> Result<(), ConfigError> {
    let Some(custom) = &agent.custom else {
        return Ok(());
    };
    let wrong = |why: &str| {
        Err(ConfigError::Agent {
            name: name.clone(),
            why: why.to_owned(),
        })
    };
    if name.is_built_in() {
        return wrong("an agent of that name comes with the runner; choose another name");
    }
    if !name.suits_custom() {
        return wrong("a name is a lower case letter and up to 31 letters, digits or hyphens");
    }
    if custom.command.trim().is_empty() {
        return wrong("its command is missing");
    }
    let title = custom.title.as_deref().unwrap_or("-");
    if title.trim().is_empty()
        || title.chars().count() > TITLE_CHARS_MAX
        || title.chars().any(char::is_control)
    {
        return wrong("its title has to be 1 to 60 characters on one line");
    }
    let texts = custom.arguments.iter().chain(custom.environment.values());
    if texts
        .chain([&custom.command])
        .any(|text| text.contains('\0'))
    {
        return wrong("its command, arguments and variables cannot hold a null character");
    }
    for variable in custom.environment.keys() {
        if variable.is_empty() || variable.contains(['=', '\0']) {
            return wrong("the name of a variable is not empty and holds no `=`");
        }
        if variable.starts_with("COORD_") {
            return wrong("variables that begin with COORD_ belong to the runner");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(custom: CustomSettings) -> AgentSettings {
        AgentSettings {
            custom: Some(custom),
            ..AgentSettings::default()
        }
    }

    fn plain() -> CustomSettings {
        CustomSettings {
            command: "an-agent".to_owned(),
            ..CustomSettings::default()
        }
    }

    #[test]
    fn a_description_has_to_be_usable() {
        let good = AgentName::new("mine");
        assert!(check(&good, &described(plain())).is_ok());
        for name in ["claude", "Mine", "my agent", ""] {
            assert!(
                check(&AgentName::new(name), &described(plain())).is_err(),
                "{name}"
            );
        }
        let without_command = CustomSettings::default();
        assert!(check(&good, &described(without_command)).is_err());
        for variable in ["", "A=B", "COORD_OUTPUT_DIR"] {
            let environment = [(variable.to_owned(), String::new())].into();
            let custom = CustomSettings {
                environment,
                ..plain()
            };
            assert!(check(&good, &described(custom)).is_err(), "{variable}");
        }
    }
}
