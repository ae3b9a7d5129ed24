//! Gemini CLI.

use std::{path::Path, sync::Arc};

use agents::{driver::Agent, gemini::GeminiAgent};
use serde_json::json;
use testkit::models::Act;

use super::agent::{Home, Question, RealAgent};

pub(crate) struct Gemini;

impl RealAgent for Gemini {
    fn title(&self) -> &'static str {
        "Gemini CLI"
    }

    fn variable(&self) -> &'static str {
        "COORD_TEST_GEMINI"
    }

    fn model(&self) -> &'static str {
        "gemini-2.5-pro"
    }

    fn agent(&self, _: &Path) -> Arc<dyn Agent> {
        Arc::new(GeminiAgent::default())
    }

    fn settle(&self, home: &Home<'_>) -> Vec<(String, String)> {
        if home.permissive {
            let folder = home.folder.join(".gemini");
            std::fs::create_dir_all(folder.join("policies")).unwrap();
            let settings = json!({"tools": {"allowed": ["write_file", "run_shell_command"]}});
            std::fs::write(folder.join("settings.json"), settings.to_string()).unwrap();
            let policy = "[[rule]]\n\
                toolName = [\"run_shell_command\", \"write_file\"]\n\
                decision = \"allow\"\n\
                priority = 999\n";
            std::fs::write(folder.join("policies").join("mine.toml"), policy).unwrap();
        }
        let mut environment = Vec::new();
        if home.signed_in {
            // With an address of its own it does not say that it wants a key.
            environment.push(("GEMINI_API_KEY", "dummy"));
            environment.push(("GOOGLE_GEMINI_BASE_URL", home.models));
        }
        environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn write(&self, path: &Path, text: &str) -> Act {
        Act::call("write_file", json!({"file_path": path, "content": text}))
    }

    fn run(&self, command: &str) -> Act {
        let input = json!({"command": command, "description": "as it was asked for"});
        Act::call("run_shell_command", input)
    }

    fn ask(&self, question: &Question) -> Act {
        // It has no tool for this: it ends its turn with the question.
        let [one, other] = question.options;
        Act::say(format!("{}\n- {one}\n- {other}\n", question.text))
    }

    fn ask_both(&self, _: &Question, _: &Question) -> Option<Act> {
        None
    }
}
