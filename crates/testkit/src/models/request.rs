//! What a request says.

use serde_json::Value;

use super::Interface;

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

/// The tools and what was said, as one interface words it.
struct Read {
    tools: Vec<String>,
    transcript: String,
    last: (Speaker, String),
}

impl Request {
    pub(super) fn read(interface: Interface, body: &Value) -> Self {
        let read = match interface {
            Interface::Messages => of_messages(body),
            Interface::Responses => of_responses(body),
            Interface::Gemini => of_gemini(body),
        };
        Self {
            speaker: read.last.0,
            words: read.last.1,
            transcript: read.transcript,
            is_aside: read.tools.is_empty(),
            tools: read.tools,
        }
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn names<'a>(tools: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let name = |tool: &Value| {
        let name = tool["name"].as_str().or_else(|| tool["type"].as_str());
        name.map(str::to_owned)
    };
    tools.into_iter().filter_map(name).collect()
}

fn of_messages(body: &Value) -> Read {
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
    let last = if !results.is_empty() {
        (Speaker::Tool, words_of(&Value::from(results)))
    } else if last["role"] == "user" {
        (Speaker::Person, words_of(&last["content"]))
    } else {
        (Speaker::Nobody, words_of(&last["content"]))
    };
    Read {
        tools: names(&list(&body["tools"])),
        transcript: words_of(&Value::from(messages)),
        last,
    }
}

fn of_responses(body: &Value) -> Read {
    let items = match &body["input"] {
        Value::String(text) => {
            vec![serde_json::json!({"type": "message", "role": "user", "content": text})]
        }
        items => list(items),
    };
    let last = items.iter().rev().find_map(|item| {
        let kind = item["type"].as_str().unwrap_or("message");
        if kind.ends_with("_output") {
            Some((Speaker::Tool, words_of(&item["output"])))
        } else if kind == "message" && item["role"] == "user" {
            Some((Speaker::Person, words_of(&item["content"])))
        } else {
            None
        }
    });
    Read {
        tools: names(&list(&body["tools"])),
        transcript: words_of(&Value::from(items)),
        last: last.unwrap_or((Speaker::Nobody, String::new())),
    }
}

fn of_gemini(body: &Value) -> Read {
    let tools: Vec<Value> = list(&body["tools"])
        .iter()
        .flat_map(|tool| list(&tool["functionDeclarations"]))
        .collect();
    let contents = list(&body["contents"]);
    let last = contents.last().cloned().unwrap_or_default();
    let parts = list(&last["parts"]);
    let results: Vec<Value> = parts
        .iter()
        .map(|part| part["functionResponse"]["response"].clone())
        .filter(|response| !response.is_null())
        .collect();
    let last = if !results.is_empty() {
        (Speaker::Tool, words_of(&Value::from(results)))
    } else if last["role"] == "model" {
        (Speaker::Nobody, words_of(&Value::from(parts)))
    } else {
        (Speaker::Person, words_of(&Value::from(parts)))
    };
    Read {
        tools: names(&tools),
        transcript: words_of(&Value::from(contents)),
        last,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn last(interface: Interface, body: &Value) -> (Speaker, String, bool) {
        let request = Request::read(interface, body);
        (request.speaker, request.words, request.is_aside)
    }

    #[test]
    fn who_spoke_last_is_seen_at_every_interface() {
        let person = (Speaker::Person, "write it".to_owned(), false);
        let tool = (Speaker::Tool, "written".to_owned(), false);
        let responses = |items: Value| json!({"tools": [{"type": "web_search"}], "input": items});
        let said = json!({"type": "message", "role": "user", "content": [{"text": "write it"}]});
        let output = json!({"type": "function_call_output", "call_id": "", "output": "written"});
        assert_eq!(
            last(Interface::Responses, &responses(json!([said]))),
            person
        );
        assert_eq!(
            last(Interface::Responses, &responses(json!([said, output]))),
            tool
        );
        let gemini = |contents: Value| json!({"tools": [{"functionDeclarations": [{"name": "w"}]}], "contents": contents});
        let said = json!({"role": "user", "parts": [{"text": "write it"}]});
        let output = json!({"role": "user", "parts": [{"functionResponse": {"name": "w", "response": {"output": "written"}}}]});
        assert_eq!(last(Interface::Gemini, &gemini(json!([said]))), person);
        assert_eq!(
            last(Interface::Gemini, &gemini(json!([said, output]))),
            tool
        );
    }
}
