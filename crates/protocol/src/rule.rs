//! Rules that a runner's owner has made: what is allowed always, without being asked again.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{agent::AgentName, ids::RuleId, time::Timestamp};

/// What a rule covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RuleMatch {
    /// A single command that begins with these words.
    Command {
        /// The program's name, then its first arguments.
        words: Vec<String>,
    },
    /// A tool, whatever its input.
    Tool {
        /// Its name.
        tool: String,
    },
    /// Changes of files within the job's folder.
    Path {
        /// Relative to the job's folder; `*` stands for part of a name, `**` for any folders.
        pattern: String,
    },
}

impl RuleMatch {
    /// Whether it allows more than `proposed`, which was made for the same request.
    ///
    /// What is not of its kind, or begins otherwise, is another rule and not a wider one.
    pub fn reaches_beyond(&self, proposed: &Self) -> bool {
        match (self, proposed) {
            (Self::Command { words }, Self::Command { words: proposed }) => {
                words.len() < proposed.len() && proposed.starts_with(words)
            }
            (Self::Path { pattern }, Self::Path { pattern: proposed }) => {
                let folder = proposed
                    .strip_suffix("**")
                    .filter(|folder| !folder.is_empty());
                pattern != proposed && !folder.is_some_and(|folder| pattern.starts_with(folder))
            }
            _ => false,
        }
    }
}

impl fmt::Display for RuleMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { words } => write!(f, "run {} …", words.join(" ")),
            Self::Tool { tool } => write!(f, "use {tool}"),
            Self::Path { pattern } => write!(f, "change {pattern}"),
        }
    }
}

/// A rule as a person wishes it; the runner gives it id and times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleDraft {
    /// What it covers.
    pub matches: RuleMatch,
    /// For this agent alone; for every one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// For jobs of this workspace alone, by its short name; for all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// For how many days; 30 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// A rule that holds on one machine until it ends or is revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermissionRule {
    /// Which.
    pub id: RuleId,
    /// What it covers.
    pub matches: RuleMatch,
    /// For this agent alone; for every one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// For jobs of this workspace alone, by its short name; for all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// When it was made, on the runner's clock.
    pub created_at: Timestamp,
    /// When it ends, on the runner's clock.
    pub expires_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}

impl PermissionRule {
    /// Its name in the record: the beginning of its id, and what it covers.
    pub fn label(&self) -> String {
        format!("rule {}: {}", self.id, self.matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(pattern: &str) -> RuleMatch {
        RuleMatch::Path {
            pattern: pattern.to_owned(),
        }
    }

    fn command(text: &str) -> RuleMatch {
        RuleMatch::Command {
            words: text.split(' ').map(str::to_owned).collect(),
        }
    }

    #[test]
    fn a_rule_that_allows_more_than_was_proposed_is_told() {
        for (written, proposed, beyond) in [
            ("src/deep/**", "src/deep/**", false),
            ("src/deep/*.rs", "src/deep/**", false),
            ("src/deep/a.rs", "src/deep/**", false),
            ("src/**", "src/deep/**", true),
            ("src/deeper/**", "src/deep/**", true),
            ("**/*.rs", "src/deep/**", true),
            ("a.rs", "a.rs", false),
            ("*.rs", "a.rs", true),
        ] {
            let (written, proposed) = (path(written), path(proposed));
            assert_eq!(written.reaches_beyond(&proposed), beyond, "{written}");
        }
        for (written, proposed, beyond) in [
            ("cargo test", "cargo test", false),
            ("cargo test --workspace", "cargo test", false),
            ("cargo", "cargo test", true),
            ("git push", "cargo test", false),
        ] {
            let (written, proposed) = (command(written), command(proposed));
            assert_eq!(written.reaches_beyond(&proposed), beyond, "{written}");
        }
        assert!(!command("cargo").reaches_beyond(&path("src/**")));
    }
}
