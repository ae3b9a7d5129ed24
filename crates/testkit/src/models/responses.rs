//! Answers in the form of the Responses interface.

use serde_json::{Value, json};

use super::{
    Act,
    interface::{Answer, id},
    stream::pieces,
};

/// An answer that is being put together.
pub(super) struct ResponsesAnswer {
    id: String,
    model: String,
    items: Vec<Value>,
    sequence: u64,
}

impl ResponsesAnswer {
    pub(super) fn new(model: &str) -> Self {
        Self {
            id: id("resp"),
            model: model.to_owned(),
            items: Vec::new(),
            sequence: 0,
        }
    }

    fn response(&self, status: &str) -> Value {
        json!({
            "id": self.id,
            "object": "response",
            "created_at": 0,
            "model": self.model,
            "status": status,
            "output": self.items,
            "error": null,
            "usage": null,
        })
    }

    fn completed(&self) -> Value {
        let mut response = self.response("completed");
        response["usage"] = json!({
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 10,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 110,
        });
        response
    }

    fn event(&mut self, kind: &str, mut fields: Value) -> Value {
        self.sequence += 1;
        fields["type"] = Value::from(kind);
        fields["sequence_number"] = Value::from(self.sequence);
        fields
    }

    /// The events of an item: as it begins, what is added to it, as it is in the end.
    fn item(&mut self, start: &Value, added: Vec<(&str, Value)>, end: Value) -> Vec<Value> {
        let index = self.items.len();
        let mut events = vec![self.event(
            "response.output_item.added",
            json!({"output_index": index, "item": start}),
        )];
        for (kind, mut fields) in added {
            fields["item_id"] = start["id"].clone();
            fields["output_index"] = Value::from(index);
            events.push(self.event(kind, fields));
        }
        events.push(self.event(
            "response.output_item.done",
            json!({"output_index": index, "item": end}),
        ));
        self.items.push(end);
        events
    }

    fn say(&mut self, text: &str) -> Vec<Value> {
        let part = json!({"type": "output_text", "text": text, "annotations": []});
        let empty = json!({"type": "output_text", "text": "", "annotations": []});
        let start = json!({
            "id": id("msg"), "type": "message", "status": "in_progress",
            "role": "assistant", "content": [],
        });
        let mut end = start.clone();
        end["status"] = Value::from("completed");
        end["content"] = json!([part]);
        let mut added = vec![(
            "response.content_part.added",
            json!({"content_index": 0, "part": empty}),
        )];
        added.extend(pieces(text).into_iter().map(|piece| {
            (
                "response.output_text.delta",
                json!({"content_index": 0, "delta": piece}),
            )
        }));
        added.push((
            "response.output_text.done",
            json!({"content_index": 0, "text": text}),
        ));
        added.push((
            "response.content_part.done",
            json!({"content_index": 0, "part": part}),
        ));
        self.item(&start, added, end)
    }

    fn think(&mut self, text: &str) -> Vec<Value> {
        let part = json!({"type": "summary_text", "text": text});
        let start =
            json!({"id": id("rs"), "type": "reasoning", "summary": [], "encrypted_content": null});
        let mut end = start.clone();
        end["summary"] = json!([part]);
        let mut added = vec![(
            "response.reasoning_summary_part.added",
            json!({"summary_index": 0, "part": {"type": "summary_text", "text": ""}}),
        )];
        added.extend(pieces(text).into_iter().map(|piece| {
            (
                "response.reasoning_summary_text.delta",
                json!({"summary_index": 0, "delta": piece}),
            )
        }));
        added.push((
            "response.reasoning_summary_text.done",
            json!({"summary_index": 0, "text": text}),
        ));
        self.item(&start, added, end)
    }

    fn call(&mut self, tool: &str, input: &Value) -> Vec<Value> {
        let arguments = input.to_string();
        let start = json!({
            "id": id("fc"), "type": "function_call", "status": "in_progress",
            "call_id": id("call"), "name": tool, "arguments": "",
        });
        let mut end = start.clone();
        end["status"] = Value::from("completed");
        end["arguments"] = Value::from(arguments.clone());
        let added = vec![
            (
                "response.function_call_arguments.delta",
                json!({"delta": arguments}),
            ),
            (
                "response.function_call_arguments.done",
                json!({"arguments": arguments}),
            ),
        ];
        self.item(&start, added, end)
    }

    fn call_with_text(&mut self, tool: &str, input: &str) -> Vec<Value> {
        let start = json!({
            "id": id("ctc"), "type": "custom_tool_call", "status": "in_progress",
            "call_id": id("call"), "name": tool, "input": "",
        });
        let mut end = start.clone();
        end["status"] = Value::from("completed");
        end["input"] = Value::from(input);
        let added = vec![
            (
                "response.custom_tool_call_input.delta",
                json!({"delta": input}),
            ),
            (
                "response.custom_tool_call_input.done",
                json!({"input": input}),
            ),
        ];
        self.item(&start, added, end)
    }
}

impl Answer for ResponsesAnswer {
    fn opening(&mut self) -> Vec<Value> {
        let response = self.response("in_progress");
        vec![
            self.event("response.created", json!({"response": response})),
            self.event("response.in_progress", json!({"response": response})),
        ]
    }

    fn act(&mut self, act: &Act) -> Vec<Value> {
        match act {
            Act::Say(text) => self.say(text),
            Act::Think(text) => self.think(text),
            Act::Call { tool, input } => self.call(tool, input),
            Act::CallWithText { tool, input } => self.call_with_text(tool, input),
            Act::WaitFor(_) | Act::Hang | Act::Cut | Act::Refuse { .. } => Vec::new(),
        }
    }

    fn closing(&mut self) -> Vec<Value> {
        let response = self.completed();
        vec![self.event("response.completed", json!({"response": response}))]
    }

    fn whole(self: Box<Self>) -> Value {
        self.completed()
    }
}
