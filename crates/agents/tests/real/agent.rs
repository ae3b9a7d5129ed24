//! What the scenarios have to know of an agent.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use agents::driver::Agent;
use serde_json::Value;
use testkit::models::Act;

use super::{adapter::Adapter, claude::Claude, codex::Codex, gemini::Gemini};

/// The agents of the table, in its order.
pub(crate) const ALL: &[&'static dyn RealAgent] = &[&Claude, &Codex, &Gemini, &Adapter];

/// Where an agent keeps its settings, and which model it talks to.
pub(crate) struct Home<'a> {
    /// Its home, which is there and empty.
    pub(crate) folder: &'a Path,
    /// The address of the model's server.
    pub(crate) models: &'a str,
    /// Whether it has a credential.
    pub(crate) signed_in: bool,
    /// Whether its person lets it do everything without being asked, by all means that it has.
    pub(crate) permissive: bool,
}

/// A question of one choice.
pub(crate) struct Question {
    pub(crate) text: &'static str,
    pub(crate) options: [&'static str; 2],
}

/// A real agent.
pub(crate) trait RealAgent: Send + Sync {
    /// Its name in the table.
    fn title(&self) -> &'static str;
    /// The variable that names its program.
    fn variable(&self) -> &'static str;
    /// The model that it is told to use.
    fn model(&self) -> &'static str;
    /// How it is driven.
    fn agent(&self, program: &Path) -> Arc<dyn Agent>;
    /// Writes its settings, and says what it needs in its environment beside `HOME` and `PATH`.
    fn settle(&self, home: &Home<'_>) -> Vec<(String, String)>;
    /// Whether it asks whatever its own settings say.
    fn asks_always(&self) -> bool {
        true
    }
    /// A call that writes `text` to `path`, for which it has to ask.
    fn write(&self, path: &Path, text: &str) -> Act;
    /// A call that runs `command`, for which it has to ask.
    fn run(&self, command: &str) -> Act;
    /// What asks a person.
    fn ask(&self, question: &Question) -> Act;
    /// A call that asks two things at once, the first with several answers where it can be
    /// said so; none where there is no such call.
    fn ask_both(&self, first: &Question, second: &Question) -> Option<Act>;

    /// Its program. That it is not there is an error: a table without it would lie.
    fn program(&self) -> PathBuf {
        let program = std::env::var_os(self.variable()).map(PathBuf::from);
        program.unwrap_or_else(|| {
            panic!(
                "{} has to name the program of {}; `cargo xtask test` installs it and sets this",
                self.variable(),
                self.title()
            )
        })
    }
}

/// The options of a question in the form that most agents know.
pub(crate) fn options(question: &Question) -> Value {
    let option =
        |label: &&str| serde_json::json!({"label": label, "description": "as it is called"});
    question.options.iter().map(option).collect()
}
