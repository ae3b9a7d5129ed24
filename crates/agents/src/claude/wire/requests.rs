//! What the program asks: permission, and answers to its questions.

use serde_json::Value;

use super::ClaudeWire;
use crate::{
    bounds::weight,
    claude::{
        messages::{self, deny},
        tools,
    },
    wire::Step,
};

/// A request that waits for an answer.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) input: Value,
    pub(super) tool_call: String,
}

impl ClaudeWire {
    pub(super) fn control_request(&mut self, message: &Value) -> Vec<Step> {
        let key = message["request_id"].as_str().unwrap_or_default();
        let request = &message["request"];
        if request["subtype"] == "hook_callback" {
            return self.hooked(key, &request["input"]);
        }
        if request["subtype"] != "can_use_tool" {
            let kind = request["subtype"].as_str().unwrap_or("this");
            return vec![messages::unsupported(key, kind)];
        }
        let name = request["tool_name"].as_str().unwrap_or("a tool");
        let input = &request["input"];
        if self.interrupted || self.verdict.is_some() {
            return vec![deny(key, "The work is being stopped.")];
        }
        let tool_call = request["tool_use_id"].as_str().unwrap_or_default();
        let waits = Request {
            input: input.clone(),
            tool_call: tool_call.to_owned(),
        };
        if self.waiting.add(key, waits, weight(request)).is_err() {
            return vec![deny(key, "Too many requests wait for an answer already.")];
        }
        if name == tools::ASK
            && let Some(items) = tools::questions_of(input)
        {
            return vec![Step::Ask {
                key: key.to_owned(),
                items,
            }];
        }
        vec![Step::Approve {
            key: key.to_owned(),
            subject: tools::subject_of(&self.folder, name, input),
            tool_call: (!tool_call.is_empty()).then(|| tool_call.to_owned()),
        }]
    }

    pub(super) fn withdrawn(&mut self, message: &Value) -> Vec<Step> {
        let key = message["request_id"].as_str().unwrap_or_default();
        self.look_withdrawn(key);
        let known = self.waiting.remove(key).is_some();
        known
            .then(|| Step::Withdraw(key.to_owned()))
            .into_iter()
            .collect()
    }

    pub(super) fn withdraw_all(&mut self) -> Vec<Step> {
        let waiting = self.waiting.take_all();
        waiting.map(|(key, _)| Step::Withdraw(key)).collect()
    }
}
