//! Asking for permission.

use serde_json::{Value, json};

use super::{server::Mode, steps::Stop, steps::Turn};

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

    /// A person's answer; none when nobody answers.
    pub(super) async fn answer_to(
        &self,
        question: &str,
        options: &[String],
    ) -> Result<Option<String>, Stop> {
        if !self.client.takes_forms {
            return Ok(None);
        }
        let mut field = json!({"type": "string", "title": question});
        if let (Some(field), false) = (field.as_object_mut(), options.is_empty()) {
            let choices: Vec<Value> = options
                .iter()
                .map(|option| json!({"const": option, "title": option}))
                .collect();
            field.insert("oneOf".to_owned(), Value::from(choices));
        }
        let answer = self
            .while_wanted(self.peer.request(
                "elicitation/create",
                json!({
                    "mode": "form",
                    "sessionId": self.session,
                    "message": question,
                    "requestedSchema": {
                        "type": "object",
                        "properties": {"answer": field},
                        "required": ["answer"],
                    },
                }),
            ))
            .await??;
        Ok(answer.ok().and_then(|answer| {
            answer["content"]["answer"]
                .as_str()
                .filter(|_| answer["action"] == "accept")
                .map(str::to_owned)
        }))
    }
}
