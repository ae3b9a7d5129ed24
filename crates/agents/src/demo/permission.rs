//! Asking a person: for permission, and for answers.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{
    script::Asked,
    server::Mode,
    steps::{Stop, Turn},
};

impl Turn {
    /// Whether the tool call may happen.
    pub(super) async fn is_allowed(&self, tool_call: &Value) -> Result<bool, Stop> {
        if self.mode == Mode::Auto {
            return Ok(true);
        }
        let answer = self
            .while_wanted(self.peer.request(
                "session/request_permission",
                json!({
                    "sessionId": self.session,
                    "toolCall": tool_call,
                    "options": [
                        {"optionId": "yes", "name": "Allow", "kind": "allow_once"},
                        {"optionId": "no", "name": "Deny", "kind": "reject_once"},
                    ],
                }),
            ))
            .await??;
        // An error of the client is no permission.
        Ok(answer.is_ok_and(|answer| {
            answer["outcome"]["outcome"] == "selected" && answer["outcome"]["optionId"] == "yes"
        }))
    }

    /// What a person answers, a line for each question.
    pub(super) async fn answers_to(&self, questions: &[Asked]) -> Result<String, Stop> {
        let mut lines = String::new();
        let answer = self.filled_in(questions).await?;
        for (number, asked) in (1..).zip(questions) {
            let words = answer
                .as_ref()
                .and_then(|answer| said(&answer["content"][key(number, questions)]));
            let words = words.as_deref().unwrap_or("Nobody answered.");
            writeln!(lines, "{} {words}", asked.question).ok();
        }
        Ok(lines)
    }

    /// The form with these questions as a person filled it in; none when nobody did.
    async fn filled_in(&self, questions: &[Asked]) -> Result<Option<Value>, Stop> {
        if !self.client.takes_forms {
            return Ok(None);
        }
        let message = match questions {
            [only] => only.question.as_str(),
            _ => "",
        };
        let fields: Map<String, Value> = (1..)
            .zip(questions)
            .map(|(number, asked)| (key(number, questions), field(asked)))
            .collect();
        let required: Vec<&String> = fields.keys().collect();
        let answer = self
            .while_wanted(self.peer.request(
                "elicitation/create",
                json!({
                    "mode": "form",
                    "sessionId": self.session,
                    "message": message,
                    "requestedSchema": {
                        "type": "object",
                        "properties": fields,
                        "required": required,
                    },
                }),
            ))
            .await??;
        Ok(answer.ok().filter(|answer| answer["action"] == "accept"))
    }
}

/// The name of a question's field.
fn key(number: usize, questions: &[Asked]) -> String {
    if questions.len() == 1 {
        "answer".to_owned()
    } else {
        format!("answer_{number}")
    }
}

fn field(asked: &Asked) -> Value {
    let choices: Vec<Value> = asked
        .options
        .iter()
        .map(|option| json!({"const": option, "title": option}))
        .collect();
    let title = &asked.question;
    if choices.is_empty() {
        json!({"type": "string", "title": title})
    } else if asked.several {
        json!({"type": "array", "title": title, "items": {"anyOf": choices}})
    } else {
        json!({"type": "string", "title": title, "oneOf": choices})
    }
}

/// An answer in words; none where there is none.
fn said(answer: &Value) -> Option<String> {
    match answer {
        Value::String(words) => Some(words.clone()),
        Value::Array(all) => {
            let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            Some(words.join(", "))
        }
        _ => None,
    }
}
