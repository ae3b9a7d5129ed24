//! An agent of somebody's own: an adapter that speaks the Agent Client Protocol for
//! Claude, and starts in a mode in which it asks nobody.

use std::{path::Path, sync::Arc};

use agents::{
    custom::{self, CustomAgent},
    driver::Agent,
};
use protocol::agent::AgentName;
use testkit::models::Act;

use super::{
    agent::{Home, Question, RealAgent},
    claude::Claude,
};

pub(crate) struct Adapter;

impl RealAgent for Adapter {
    fn title(&self) -> &'static str {
        "an ACP adapter"
    }

    fn variable(&self) -> &'static str {
        "COORD_TEST_ACP_ADAPTER"
    }

    fn model(&self) -> &'static str {
        "sonnet"
    }

    fn agent(&self, program: &Path) -> Arc<dyn Agent> {
        Arc::new(custom::agent(&CustomAgent {
            name: AgentName::new("adapter"),
            title: self.title().to_owned(),
            command: program.display().to_string(),
            arguments: Vec::new(),
            environment: Vec::new(),
            mode: None,
        }))
    }

    fn settle(&self, home: &Home<'_>) -> Vec<(String, String)> {
        Claude.settle(home)
    }

    fn asks_always(&self) -> bool {
        false
    }

    fn write(&self, path: &Path, text: &str) -> Act {
        Claude.write(path, text)
    }

    fn run(&self, command: &str) -> Act {
        Claude.run(command)
    }

    fn ask(&self, question: &Question) -> Act {
        Claude.ask(question)
    }

    fn ask_both(&self, first: &Question, second: &Question) -> Option<Act> {
        Claude.ask_both(first, second)
    }
}
