//! Tool calls: told when something is known of them, ended exactly once.

use std::collections::BTreeMap;

use protocol::record::{ToolKind, ToolStatus};
use serde_json::{Value, json};

use super::{
    content::{changes_of_tool, text_of_tool},
    permission::command_of,
};
use crate::{
    bounds::{NAME_BYTES_MAX, Names, TOOLS_BYTES_MAX, TOOLS_OPEN_MAX, weight},
    driver::AgentEvent,
    text::{self, pretty},
    wire::Step,
};

/// All tool calls of one turn.
#[derive(Debug, Default)]
pub(super) struct Tools {
    open: BTreeMap<String, Tool>,
    ended: Names,
    /// About how much is known of those that are open.
    bytes: usize,
}

#[derive(Debug, Clone, Default)]
struct Tool {
    call: Value,
    /// About how much that is.
    bytes: usize,
    /// Whether some of it was left out.
    cut: bool,
    told: bool,
    /// How much of the output has been handed on.
    printed: usize,
}

impl Tools {
    /// Whether any runs.
    pub(super) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// A tool call came up, was changed, or ended.
    pub(super) fn update(&mut self, update: &Value) -> Vec<Step> {
        let Some(id) = update["toolCallId"].as_str() else {
            return Vec::new();
        };
        let is_one_more = !self.open.contains_key(id) && self.open.len() == TOOLS_OPEN_MAX;
        if self.ended.contains(id) || is_one_more || id.len() > NAME_BYTES_MAX {
            return Vec::new();
        }
        let tool = self.open.entry(id.to_owned()).or_default();
        self.bytes -= tool.bytes;
        tool.take(update, TOOLS_BYTES_MAX - self.bytes);
        self.bytes += tool.bytes;
        let mut steps = Vec::new();
        let status = tool.call["status"].as_str().unwrap_or("pending").to_owned();
        // An agent may announce a call before it knows what it will do.
        if !tool.told && (status != "pending" || is_telling(&tool.call)) {
            steps.push(tool.tell(id));
        }
        steps.extend(tool.output(id, update));
        let ended = match status.as_str() {
            "completed" => ToolStatus::Completed,
            "failed" => ToolStatus::Failed,
            _ => return steps,
        };
        steps.extend(self.end(id, ended, None));
        steps
    }

    /// A tool call waits for permission; some agents tell of it only now.
    pub(super) fn asked(&mut self, call: &Value) -> (Option<String>, Vec<Step>) {
        let Some(id) = call["toolCallId"].as_str() else {
            return (None, Vec::new());
        };
        let mut steps = self.update(call);
        if let Some(tool) = self.open.get_mut(id).filter(|tool| !tool.told) {
            steps.push(tool.tell(id));
        }
        (Some(id.to_owned()), steps)
    }

    /// Whether all that was said of a call is known.
    pub(super) fn are_whole(&self, call: &Value) -> bool {
        let id = call["toolCallId"].as_str().unwrap_or_default();
        self.open.get(id).is_none_or(|tool| !tool.cut)
    }

    /// About how much is held.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let names: usize = self.open.keys().map(String::len).sum();
        self.bytes + names + self.ended.bytes()
    }

    /// What is known of a call, from all that was said of it.
    pub(super) fn known(&self, call: &Value) -> Value {
        let id = call["toolCallId"].as_str().unwrap_or_default();
        self.open
            .get(id)
            .map_or_else(|| call.clone(), |tool| tool.call.clone())
    }

    /// A tool call was not allowed. Not every agent says so itself.
    pub(super) fn decline(&mut self, id: &str, note: Option<String>) -> Vec<Step> {
        self.end(id, ToolStatus::Declined, note)
    }

    /// The turn is over: whatever is still open ended with it.
    pub(super) fn end_all(&mut self, status: ToolStatus) -> Vec<Step> {
        let ids: Vec<String> = self.open.keys().cloned().collect();
        ids.iter()
            .flat_map(|id| self.end(id, status, None))
            .collect()
    }

    fn end(&mut self, id: &str, status: ToolStatus, note: Option<String>) -> Vec<Step> {
        let Some(mut tool) = self.open.remove(id) else {
            return Vec::new();
        };
        self.bytes -= tool.bytes;
        self.ended.insert(id);
        let mut steps = Vec::new();
        if !tool.told {
            steps.push(tool.tell(id));
        }
        let result = note.or_else(|| tool.result());
        steps.push(Step::ended(
            id,
            status,
            result.as_deref().map(text::shortened),
        ));
        steps
    }
}

impl Tool {
    /// Takes in what is said now, as far as there is room for it.
    fn take(&mut self, update: &Value, room: usize) {
        if self.bytes.saturating_add(weight(update)) <= room {
            merge(&mut self.call, update);
        } else {
            self.cut = true;
            let status = update["status"].as_str().unwrap_or("pending");
            merge(&mut self.call, &json!({"status": text::title(status)}));
        }
        self.bytes = weight(&self.call);
    }

    fn tell(&mut self, id: &str) -> Step {
        self.told = true;
        let title = self.call["title"].as_str().unwrap_or("Tool");
        Step::started(id, kind_of(&self.call), text::title(title), self.detail())
    }

    fn detail(&self) -> Option<String> {
        let input = &self.call["rawInput"];
        command_of(input)
            .or_else(|| {
                let changes = changes_of_tool(&self.call["content"]);
                let paths: Vec<String> = changes.into_iter().map(|change| change.path).collect();
                (!paths.is_empty()).then(|| paths.join(", "))
            })
            .or_else(|| pretty(input))
            .as_deref()
            .map(text::shortened)
    }

    /// What a command printed since the last update: the new piece where the agent
    /// sends pieces, else what is new in the whole that it sends each time.
    fn output(&mut self, id: &str, update: &Value) -> Option<Step> {
        let new = if let Some(piece) = update["_meta"]["terminal_output"]["data"].as_str() {
            piece.to_owned()
        } else if kind_of(&self.call) == ToolKind::Run && self.call["status"] != "pending" {
            // What comes before it runs describes it.
            let printed = text_of_tool(&update["content"])?;
            let new = printed.get(self.printed..).unwrap_or(&printed).to_owned();
            self.printed = printed.len();
            new
        } else {
            return None;
        };
        (!new.is_empty()).then(|| {
            Step::Emit(AgentEvent::ToolOutput {
                tool_call: id.to_owned(),
                text: new,
            })
        })
    }

    fn result(&self) -> Option<String> {
        pretty(&self.call["rawOutput"]).or_else(|| text_of_tool(&self.call["content"]))
    }
}

/// Whether there is more to say of a call than that it will come.
fn is_telling(call: &Value) -> bool {
    pretty(&call["rawInput"]).is_some()
        || call["content"]
            .as_array()
            .is_some_and(|items| !items.is_empty())
}

fn kind_of(call: &Value) -> ToolKind {
    match call["kind"].as_str() {
        Some("read") => ToolKind::Read,
        Some("edit" | "move") => ToolKind::Edit,
        Some("delete") => ToolKind::Delete,
        Some("execute") => ToolKind::Run,
        Some("search") => ToolKind::Search,
        Some("fetch") => ToolKind::Fetch,
        _ => ToolKind::Other,
    }
}

/// Puts what is said now over what was said before; what is left out stays.
fn merge(call: &mut Value, update: &Value) {
    let Some(fields) = update.as_object() else {
        return;
    };
    if !call.is_object() {
        *call = Value::Object(serde_json::Map::new());
    }
    if let Some(call) = call.as_object_mut() {
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            call.insert(name.clone(), value.clone());
        }
    }
}
