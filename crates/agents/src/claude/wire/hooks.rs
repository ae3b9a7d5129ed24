//! The look at each call of a tool before it happens.
//!
//! The person's own settings may let the program do things without a request. A hook that is
//! ours turns those into requests again: nothing that changes a file passes by us, and what
//! the program holds for harmless by itself goes on unasked only where nothing else says so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ClaudeWire;
use crate::{
    bounds::{NAME_BYTES_MAX, TOOLS_OPEN_MAX},
    claude::{grants, messages, tools},
    subject,
    wire::Step,
};

/// A call that waits for what the program says of its own rules.
#[derive(Debug)]
struct Look {
    key: String,
    tool: String,
    left: usize,
}

/// The calls that are looked at.
#[derive(Debug, Default)]
pub(super) struct Looks {
    open: BTreeMap<u64, Look>,
    last: u64,
}

impl Looks {
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let bytes = |look: &Look| look.key.len() + look.tool.len();
        self.open.values().map(bytes).sum()
    }
}

impl ClaudeWire {
    /// The program is about to use a tool.
    pub(super) fn hooked(&mut self, key: &str, hook: &Value) -> Vec<Step> {
        let tool = hook["tool_name"].as_str().unwrap_or_default();
        if tools::only_talks(tool) || self.reads_inside(tool, &hook["tool_input"]) {
            return vec![messages::pass(key)];
        }
        let absurd = key.len() > NAME_BYTES_MAX || tool.len() > NAME_BYTES_MAX;
        let full = self.looks.open.len() == TOOLS_OPEN_MAX;
        if tools::is_always_asked(tool) || absurd || full {
            return vec![messages::ask_first(key)];
        }
        self.looks.last += 1;
        let number = self.looks.last;
        let look = Look {
            key: key.to_owned(),
            tool: tool.to_owned(),
            left: grants::SOURCES.len(),
        };
        self.looks.open.insert(number, look);
        let question = |(place, source): (usize, &grants::Source)| {
            messages::look(&grants::name_of(number, place), source.request)
        };
        grants::SOURCES.iter().enumerate().map(question).collect()
    }

    fn reads_inside(&self, tool: &str, input: &Value) -> bool {
        let Some(path) = tools::read_path(tool, input) else {
            return false;
        };
        subject::is_inside(&self.folder, &self.folder.join(path))
    }

    /// What the program says of its own rules; none when `response` is about something else.
    pub(super) fn looked(&mut self, response: &Value) -> Option<Vec<Step>> {
        let (number, place) = grants::read_name(response["request_id"].as_str()?)?;
        let source = grants::SOURCES.get(place)?;
        let Some(look) = self.looks.open.get_mut(&number) else {
            return Some(Vec::new());
        };
        // An older program that does not know the question may have any rules.
        let told = (response["subtype"] == "success").then_some(&response["response"]);
        let granted = told.is_none_or(|told| (source.grants)(&look.tool, told));
        look.left -= 1;
        if !granted && look.left > 0 {
            return Some(Vec::new());
        }
        let look = self.looks.open.remove(&number)?;
        Some(vec![if granted {
            messages::ask_first(&look.key)
        } else {
            messages::pass(&look.key)
        }])
    }

    /// The program wants no answer to a look any more.
    pub(super) fn look_withdrawn(&mut self, key: &str) {
        self.looks.open.retain(|_, look| look.key != key);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{replay::launch_for, wire::Wire as _};

    fn wire() -> ClaudeWire {
        ClaudeWire::new(&launch_for("claude-approve"), None)
    }

    fn sent(steps: Vec<Step>) -> Vec<Value> {
        let message = |step| match step {
            Step::Send(message) => message,
            step => panic!("{step:?}"),
        };
        steps.into_iter().map(message).collect()
    }

    /// What becomes of a call that the program tells of.
    fn hook(wire: &mut ClaudeWire, tool: &str, input: &Value) -> Vec<Value> {
        let hook = json!({"type": "control_request", "request_id": "h", "request": {
            "subtype": "hook_callback",
            "callback_id": "before_a_tool",
            "input": {"tool_name": tool, "tool_input": input},
        }});
        sent(wire.line(&hook.to_string()))
    }

    fn answer(wire: &mut ClaudeWire, question: &Value, told: &Value) -> Vec<Value> {
        let answer = json!({"type": "control_response", "response": {
            "subtype": if told.is_null() { "error" } else { "success" },
            "request_id": question["request_id"],
            "response": told,
        }});
        sent(wire.line(&answer.to_string()))
    }

    /// The decision that was sent; none where it is the program's own.
    fn decision(sent: &[Value]) -> Option<&str> {
        assert_eq!(sent.len(), 1, "{sent:?}");
        let response = &sent[0]["response"];
        assert_eq!(response["request_id"], "h");
        response["response"]["hookSpecificOutput"]["permissionDecision"].as_str()
    }

    const NOTHING: [&str; 3] = [
        r#"{"state": {"rules": []}}"#,
        r#"{"hooks": []}"#,
        r#"{"effective": {}}"#,
    ];

    #[test]
    fn what_changes_files_is_asked_for_and_what_reads_here_is_not() {
        let mut wire = wire();
        for tool in ["Write", "Edit", "NotebookEdit", "mcp__server__tool"] {
            assert_eq!(decision(&hook(&mut wire, tool, &json!({}))), Some("ask"));
        }
        let plan = hook(&mut wire, "TodoWrite", &json!({}));
        assert_eq!(decision(&plan), None);
        let inside = hook(&mut wire, "Read", &json!({"file_path": "/job/a.txt"}));
        assert_eq!(decision(&inside), None);
        let outside = hook(&mut wire, "Read", &json!({"file_path": "/home/ada/key"}));
        assert_eq!(outside.len(), 3, "its own rules have to be known");
    }

    #[test]
    fn a_command_is_its_own_affair_where_no_setting_lets_it_pass() {
        let mut wire = wire();
        let looks = hook(&mut wire, "Bash", &json!({"command": "ls"}));
        let told = NOTHING.map(|told| serde_json::from_str(told).unwrap());
        assert!(answer(&mut wire, &looks[0], &told[0]).is_empty());
        assert!(answer(&mut wire, &looks[2], &told[2]).is_empty());
        assert_eq!(decision(&answer(&mut wire, &looks[1], &told[1])), None);
    }

    #[test]
    fn a_command_is_asked_for_where_a_rule_allows_it_or_nothing_is_known() {
        let rules = json!({"state": {"rules": [{"behavior": "allow", "rule": "Bash(ls:*)"}]}});
        for told in [rules, Value::Null] {
            let mut wire = wire();
            let looks = hook(&mut wire, "Bash", &json!({"command": "ls"}));
            let asked = answer(&mut wire, &looks[0], &told);
            assert_eq!(decision(&asked), Some("ask"));
            // It is answered once, whatever else is told.
            assert!(answer(&mut wire, &looks[1], &Value::Null).is_empty());
        }
    }

    #[test]
    fn what_was_withdrawn_is_not_answered() {
        let mut wire = wire();
        let looks = hook(&mut wire, "Bash", &json!({"command": "ls"}));
        let cancel = json!({"type": "control_cancel_request", "request_id": "h"});
        assert!(wire.line(&cancel.to_string()).is_empty());
        assert!(answer(&mut wire, &looks[0], &Value::Null).is_empty());
    }
}
