//! Codex.

use std::{path::Path, sync::Arc};

use agents::{codex::CodexAgent, driver::Agent};
use serde_json::{Value, json};
use testkit::models::Act;

use super::agent::{Home, Question, RealAgent, options};

/// How often it may try again by itself; five times and more, left to itself.
const TRIES: u32 = 2;

pub(crate) struct Codex;

impl RealAgent for Codex {
    fn title(&self) -> &'static str {
        "Codex"
    }

    fn variable(&self) -> &'static str {
        "COORD_TEST_CODEX"
    }

    fn model(&self) -> &'static str {
        "gpt-5.5"
    }

    fn agent(&self, _: &Path) -> Arc<dyn Agent> {
        Arc::new(CodexAgent)
    }

    fn settle(&self, home: &Home<'_>) -> Vec<(String, String)> {
        let folder = home.folder.join("codex");
        std::fs::create_dir_all(&folder).unwrap();
        // What a person may have set must not count: it would ask nobody.
        let settings = format!(
            "model_provider = \"scripted\"\n\
             approval_policy = \"never\"\n\
             sandbox_mode = \"danger-full-access\"\n\
             [model_providers.scripted]\n\
             name = \"Scripted\"\n\
             base_url = \"{}/v1\"\n\
             wire_api = \"responses\"\n\
             requires_openai_auth = true\n\
             request_max_retries = {TRIES}\n\
             stream_max_retries = {TRIES}\n",
            home.models
        );
        std::fs::write(folder.join("config.toml"), settings).unwrap();
        if home.permissive {
            let rules = folder.join("rules");
            std::fs::create_dir_all(&rules).unwrap();
            let rule = "prefix_rule(pattern = [\"touch\"], decision = \"allow\")\n";
            std::fs::write(rules.join("default.rules"), rule).unwrap();
        }
        let account = folder.join("auth.json");
        if home.signed_in {
            std::fs::write(account, r#"{"OPENAI_API_KEY":"dummy"}"#).unwrap();
        } else if account.exists() {
            std::fs::remove_file(account).unwrap();
        }
        vec![("CODEX_HOME".to_owned(), folder.display().to_string())]
    }

    fn write(&self, path: &Path, text: &str) -> Act {
        let lines = format!("+{}\n", text.trim_end().replace('\n', "\n+"));
        let path = path.display();
        Act::call_with_text(
            "apply_patch",
            format!("*** Begin Patch\n*** Add File: {path}\n{lines}*** End Patch\n"),
        )
    }

    fn run(&self, command: &str) -> Act {
        let input = json!({
            "cmd": command,
            "sandbox_permissions": "require_escalated",
            "justification": "It takes a while.",
            "yield_time_ms": 30000,
        });
        Act::call("exec_command", input)
    }

    fn ask(&self, question: &Question) -> Act {
        asking(&[form("choice", question)])
    }

    fn ask_both(&self, first: &Question, second: &Question) -> Option<Act> {
        Some(asking(&[form("first", first), form("second", second)]))
    }
}

fn form(id: &str, question: &Question) -> Value {
    json!({
        "id": id,
        "header": "Choice",
        "question": question.text,
        "options": options(question),
    })
}

fn asking(questions: &[Value]) -> Act {
    Act::call("request_user_input", json!({ "questions": questions }))
}
