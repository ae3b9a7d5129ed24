//! From the greeting to the turn, and the answers to our own calls.

use protocol::job::FailureClass;
use serde_json::{Value, json};

use super::{CodexWire, Stage};
use crate::{
    bounds::NAME_BYTES_MAX,
    codex::{command, errors, own_rules},
    driver::{AgentEvent, TurnEnd},
    failure,
    wire::{Refusal, Step},
};

impl CodexWire {
    /// An answer to one of our calls; only the last one is waited for.
    pub(super) fn answered_call(&mut self, message: &Value) -> Vec<Step> {
        if self.steered(message) {
            return Vec::new();
        }
        if message["id"] != self.last_call {
            return Vec::new();
        }
        let answer = match message.get("error") {
            Some(error) if !error.is_null() => Err(error),
            _ => Ok(&message["result"]),
        };
        match (self.stage, answer) {
            (Stage::Greeting, Ok(result)) => self.greeted(result),
            (Stage::Opening, Ok(result)) => self.opened(result),
            (Stage::Beginning, Ok(result)) => self.started(&result["turn"]["id"]),
            (Stage::Opening, Err(error)) if self.resumes && errors::is_gone(error) => {
                vec![Step::Refuse(Refusal::SessionGone)]
            }
            (Stage::Greeting | Stage::Opening, Err(error)) => {
                vec![Step::Refuse(Refusal::Failed(errors::of_call(error)))]
            }
            (Stage::Beginning, Err(error)) => self.over(TurnEnd::Failed(errors::of_call(error))),
            // Whether they could be ended or not: who ends the program ends them as well.
            (Stage::Cleaning, _) => {
                let end = self.end.take().unwrap_or(TurnEnd::Interrupted);
                self.over(end)
            }
            (Stage::Working | Stage::Over, _) => Vec::new(),
        }
    }

    fn greeted(&mut self, result: &Value) -> Vec<Step> {
        let user_agent = result["userAgent"].as_str().unwrap_or_default();
        self.version = command::version_in(user_agent);
        let (method, parameters) = self.open.clone();
        vec![
            Step::Send(json!({"method": "initialized"})),
            self.call(Stage::Opening, method, &parameters),
        ]
    }

    fn opened(&mut self, result: &Value) -> Vec<Step> {
        let thread = result["thread"]["id"].as_str();
        let Some(thread) = thread.filter(|name| name.len() <= NAME_BYTES_MAX) else {
            return vec![Step::Refuse(Refusal::Failed(failure::transient(
                "Codex opened a session without a name",
            )))];
        };
        if own_rules::is_too_free(result) {
            return vec![Step::Refuse(Refusal::Failed(failure::of(
                FailureClass::Config,
                "Codex opened a session in which it may change things unasked",
            )))];
        }
        self.thread = Some(thread.to_owned());
        let mut steps = vec![
            Step::Ready,
            Step::Emit(AgentEvent::Started {
                version: self.version.clone(),
                session: self.thread.clone(),
                model: result["model"].as_str().map(str::to_owned),
            }),
        ];
        steps.extend(
            std::mem::take(&mut self.notices)
                .into_iter()
                .map(Step::notice),
        );
        let words = std::mem::take(&mut self.words);
        steps.push(self.begin_turn(&words));
        steps
    }

    /// Begins a turn with what is to be said.
    pub(super) fn begin_turn(&mut self, words: &str) -> Step {
        let parameters = json!({
            "threadId": self.thread,
            "input": [{"type": "text", "text": words}],
        });
        self.call(Stage::Beginning, "turn/start", &parameters)
    }

    fn started(&mut self, turn: &Value) -> Vec<Step> {
        let turn = turn.as_str().unwrap_or_default().to_owned();
        self.begun(turn)
    }

    /// The turn is known by name, from the answer or from the news of it, whichever is first.
    pub(super) fn begun(&mut self, turn: String) -> Vec<Step> {
        if self.stage != Stage::Beginning || turn.is_empty() || turn.len() > NAME_BYTES_MAX {
            return Vec::new();
        }
        self.turn = Some(turn);
        self.stage = Stage::Working;
        // Somebody may have wanted to stop it before it could be named.
        if self.is_breaking() {
            return self.stop_turn();
        }
        Vec::new()
    }
}
