//! What in the person's own settings lets the program use a tool without a request.
//!
//! It is read from the program itself, which knows all of its sources: settings of the person,
//! the project and the machine, what was granted in the session, and the hooks of plugins.
//! What cannot be read counts as a grant.

use serde_json::Value;

/// What names our questions.
const NAME: &str = "look";

/// Something that the program tells of itself.
pub(super) struct Source {
    /// The request for it.
    pub(super) request: &'static str,
    /// Whether what it tells grants the use of a tool.
    pub(super) grants: fn(&str, &Value) -> bool,
}

/// All that has to be known.
pub(super) const SOURCES: [Source; 3] = [
    Source {
        request: "list_permission_rules",
        grants: by_rule,
    },
    Source {
        request: "get_hooks_listing",
        grants: by_hook,
    },
    Source {
        request: "get_settings",
        grants: by_sandbox,
    },
];

/// Names a question about the source at `place`.
pub(super) fn name_of(number: u64, place: usize) -> String {
    format!("{NAME}-{number}-{place}")
}

/// The number and place in such a name.
pub(super) fn read_name(name: &str) -> Option<(u64, usize)> {
    let (number, place) = name
        .strip_prefix(NAME)?
        .strip_prefix('-')?
        .split_once('-')?;
    Some((number.parse().ok()?, place.parse().ok()?))
}

fn by_rule(tool: &str, told: &Value) -> bool {
    let Some(rules) = told["state"]["rules"].as_array() else {
        return true;
    };
    rules.iter().any(|rule| {
        if matches!(rule["behavior"].as_str(), Some("deny" | "ask")) {
            return false;
        }
        let words = rule["rule"].as_str().unwrap_or_default();
        let name = words.split('(').next().unwrap_or_default().trim();
        name.is_empty() || name == tool || name.contains('*')
    })
}

/// A hook that runs before a tool may allow what would be asked for.
fn by_hook(tool: &str, told: &Value) -> bool {
    let Some(hooks) = told["hooks"].as_array() else {
        return true;
    };
    hooks.iter().any(|hook| {
        if hook["event"]
            .as_str()
            .is_some_and(|event| event != "PreToolUse")
        {
            return false;
        }
        let matcher = hook["matcher"].as_str().unwrap_or_default();
        let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '|');
        let names_others = !matcher.is_empty()
            && matcher.chars().all(plain)
            && matcher.split('|').all(|name| name != tool);
        !names_others
    })
}

/// The program runs commands unasked in a sandbox of its own, in which files may be written.
fn by_sandbox(tool: &str, told: &Value) -> bool {
    let settings = &told["effective"];
    let off = settings["sandbox"]["enabled"].as_bool() != Some(true);
    tool == "Bash" && !(settings.is_object() && off)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_grants_what_it_names_and_one_that_cannot_be_read_grants_all() {
        let told = |behavior: &str, rule: &str| json!({"state": {"rules": [{"behavior": behavior, "rule": rule}]}});
        assert!(by_rule("Bash", &told("allow", "Bash")));
        assert!(by_rule("Bash", &told("allow", "Bash(touch:*)")));
        assert!(by_rule("Bash", &told("allow", "*")));
        assert!(by_rule("Bash", &told("sometimes", "Bash")));
        assert!(!by_rule("Bash", &told("allow", "Write")));
        assert!(!by_rule("Bash", &told("deny", "Bash(rm:*)")));
        assert!(!by_rule("Bash", &json!({"state": {"rules": []}})));
        assert!(by_rule("Bash", &json!({"rules": []})));
    }

    #[test]
    fn a_hook_grants_unless_it_is_surely_about_something_else() {
        let told =
            |event: &str, matcher: Value| json!({"hooks": [{"event": event, "matcher": matcher}]});
        assert!(by_hook("Bash", &told("PreToolUse", json!(null))));
        assert!(by_hook("Bash", &told("PreToolUse", json!("Edit|Bash"))));
        assert!(by_hook("Bash", &told("PreToolUse", json!("B.*"))));
        assert!(!by_hook("Bash", &told("PreToolUse", json!("Edit|Write"))));
        assert!(!by_hook("Bash", &told("Stop", json!(""))));
        assert!(!by_hook("Bash", &json!({"hooks": []})));
        assert!(by_hook("Bash", &json!({})));
    }

    #[test]
    fn a_sandbox_grants_commands_alone() {
        let on = json!({"effective": {"sandbox": {"enabled": true}}});
        assert!(by_sandbox("Bash", &on));
        assert!(!by_sandbox("WebFetch", &on));
        assert!(!by_sandbox("Bash", &json!({"effective": {}})));
        assert!(by_sandbox("Bash", &json!({})));
    }

    #[test]
    fn a_name_is_read_as_it_was_made() {
        assert_eq!(read_name(&name_of(7, 2)), Some((7, 2)));
        for other in ["initialize", "look", "look-x-1", "look-1", "looks-1-1"] {
            assert_eq!(read_name(other), None);
        }
    }
}
