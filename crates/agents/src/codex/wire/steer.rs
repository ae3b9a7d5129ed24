//! Words that come with a denial. The answer to a request has no room for them, so they are put
//! into the turn that goes on; where it is over before it takes them, they begin a further one.

use serde_json::{Value, json};

use super::CodexWire;
use crate::{text, wire::Step};

/// Most words that wait to be taken.
const STEERS_MAX: usize = 16;
/// Most further turns that are begun for them.
const FURTHER_TURNS_MAX: u32 = 5;

/// What was said into the turn and is not known to have been taken.
#[derive(Debug, Default)]
pub(super) struct Steers {
    /// Our call, and what it said.
    open: Vec<(i64, String)>,
    further_turns: u32,
}

impl Steers {
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.open.iter().map(|(_, words)| words.len()).sum()
    }
}

impl CodexWire {
    /// Says into the turn why something was not allowed.
    pub(super) fn steer(&mut self, note: &str) -> Option<Step> {
        if self.steers.open.len() == STEERS_MAX {
            return None;
        }
        let words = format!("That was not allowed: {}", text::shortened(note.trim()));
        let parameters = json!({
            "threadId": self.thread.as_ref()?,
            "expectedTurnId": self.turn.as_ref()?,
            "input": [{"type": "text", "text": words}],
        });
        let step = self.aside("turn/steer", &parameters);
        self.steers.open.push((self.last_call, words));
        Some(step)
    }

    /// Whether `message` answers such a call; what was refused is kept for a further turn.
    pub(super) fn steered(&mut self, message: &Value) -> bool {
        let open = &mut self.steers.open;
        let Some(place) = open.iter().position(|(call, _)| message["id"] == *call) else {
            return false;
        };
        if message["error"].is_null() {
            open.remove(place);
        }
        true
    }

    /// A further turn with what the one that has ended did not take.
    pub(super) fn further_turn(&mut self) -> Option<Step> {
        let left = std::mem::take(&mut self.steers.open);
        let may = self.steers.further_turns < FURTHER_TURNS_MAX && !self.is_breaking();
        if left.is_empty() || !may {
            return None;
        }
        self.steers.further_turns += 1;
        let words: Vec<String> = left.into_iter().map(|(_, words)| words).collect();
        Some(self.begin_turn(&words.join("\n")))
    }
}
