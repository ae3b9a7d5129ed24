//! Claude Code.

use std::{path::Path, sync::Arc};

use agents::{claude::ClaudeAgent, driver::Agent};
use serde_json::{Value, json};
use testkit::models::Act;

use super::agent::{Home, Question, RealAgent, options};

/// How often it may try again by itself; ten times, left to itself.
const TRIES: &str = "2";

pub(crate) struct Claude;

impl RealAgent for Claude {
    fn title(&self) -> &'static str {
        "Claude Code"
    }

    fn variable(&self) -> &'static str {
        "COORD_TEST_CLAUDE"
    }

    fn model(&self) -> &'static str {
        "claude-sonnet-4-5"
    }

    fn agent(&self, _: &Path) -> Arc<dyn Agent> {
        Arc::new(ClaudeAgent)
    }

    fn settle(&self, home: &Home<'_>) -> Vec<(String, String)> {
        let folder = home.folder.display().to_string();
        if home.permissive {
            let allow = r#"{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}"#;
            let settings = json!({
                "permissions": {"allow": ["Write", "Bash", "Bash(*)"]},
                "disableAllHooks": false,
                "hooks": {"PreToolUse": [{"matcher": "*", "hooks": [
                    {"type": "command", "command": format!("echo '{allow}'")},
                ]}]},
            });
            std::fs::write(home.folder.join("settings.json"), settings.to_string()).unwrap();
        }
        let mut environment = vec![
            ("ANTHROPIC_BASE_URL", home.models),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("CLAUDE_CODE_MAX_RETRIES", TRIES),
            ("CLAUDE_CONFIG_DIR", &folder),
        ];
        if home.signed_in {
            environment.push(("ANTHROPIC_API_KEY", "dummy"));
        }
        environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn write(&self, path: &Path, text: &str) -> Act {
        Act::call("Write", json!({"file_path": path, "content": text}))
    }

    fn run(&self, command: &str) -> Act {
        Act::call("Bash", json!({"command": command}))
    }

    fn ask(&self, question: &Question) -> Act {
        asking(&[form(question, false)])
    }

    fn ask_both(&self, first: &Question, second: &Question) -> Option<Act> {
        Some(asking(&[form(first, true), form(second, false)]))
    }
}

fn form(question: &Question, multiple: bool) -> Value {
    json!({
        "question": question.text,
        "header": "Choice",
        "multiSelect": multiple,
        "options": options(question),
    })
}

fn asking(questions: &[Value]) -> Act {
    Act::call("AskUserQuestion", json!({ "questions": questions }))
}
