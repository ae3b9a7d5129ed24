//! What a request says.

use serde_json::Value;

/// Who spoke last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The person, or whoever speaks for one.
    Person,
    /// A tool, with its result.
    Tool,
    /// The model itself, or nobody.
    Nobody,
}

/// One request to the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who spoke last.
    pub speaker: Speaker,
    /// What was said last.
    pub words: String,
    /// Everything that was ever said in it, for tests of what a model gets to see.
    pub transcript: String,
    /// Names of the offered tools.
    pub tools: Vec<String>,
    /// It is for a title or a summary, and not part of the work.
    pub is_aside: bool,
}

impl Request {
    pub(super) fn read(body: &Value) -> Self {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let tools: Vec<String> = list(&body["tools"])
            .iter()
            .filter_map(|tool| tool["name"].as_str().map(str::to_owned))
            .collect();
        // The host may add reminders in roles of their own after the person's turn.
        let messages: Vec<Value> = list(&body["messages"])
            .into_iter()
            .filter(|message| message["role"] == "user" || message["role"] == "assistant")
            .collect();
        let last = messages.last().cloned().unwrap_or_default();
        let results: Vec<Value> = list(&last["content"])
            .into_iter()
            .filter(|block| block["type"] == "tool_result")
            .collect();
        let (speaker, words) = if !results.is_empty() {
            (Speaker::Tool, words_of(&Value::from(results)))
        } else if last["role"] == "user" {
            (Speaker::Person, words_of(&last["content"]))
        } else {
            (Speaker::Nobody, words_of(&last["content"]))
        };
        Self {
            speaker,
            words,
            transcript: words_of(&Value::from(messages)),
            is_aside: tools.is_empty(),
            tools,
        }
    }
}

/// All texts in a value, put together.
fn words_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(words_of).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => fields
            .values()
            .map(words_of)
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}
