//! Requests for permission, and the option that says what was decided.

use std::path::Path;

use protocol::approval::{ApprovalSubject, Decision};
use serde_json::{Value, json};

use super::content::{changes_of_tool, text_of_tool};
use crate::{subject, text::pretty};

/// The options that an agent offers, by kind; their ids differ from agent to agent.
#[derive(Debug, Clone)]
pub(super) struct Options {
    allow_once: Option<String>,
    reject_once: Option<String>,
    reject_always: Option<String>,
}

impl Options {
    pub(super) fn read(options: &Value) -> Self {
        let of_kind = |kind: &str| {
            options
                .as_array()?
                .iter()
                .find(|option| option["kind"] == kind)?["optionId"]
                .as_str()
                .map(str::to_owned)
        };
        Self {
            allow_once: of_kind("allow_once"),
            reject_once: of_kind("reject_once"),
            reject_always: of_kind("reject_always"),
        }
    }

    /// Whether a single action can be allowed at all.
    pub(super) fn can_allow(&self) -> bool {
        self.allow_once.is_some()
    }

    /// The outcome that says `decision`.
    ///
    /// An agent is only ever told to allow once: what it understands by "always"
    /// reaches further than the same action, and may outlive the job.
    pub(super) fn outcome(&self, decision: Decision) -> Value {
        let chosen = if decision.allows() {
            self.allow_once.as_ref()
        } else {
            self.reject_once.as_ref().or(self.reject_always.as_ref())
        };
        match chosen {
            Some(option) => json!({"outcome": {"outcome": "selected", "optionId": option}}),
            None => cancelled(),
        }
    }
}

/// The outcome of a request that is not decided any more.
pub(super) fn cancelled() -> Value {
    json!({"outcome": {"outcome": "cancelled"}})
}

/// What exactly a tool call asks for.
pub(super) fn subject_of(folder: &Path, call: &Value) -> ApprovalSubject {
    let input = &call["rawInput"];
    let title = call["title"].as_str().unwrap_or("A tool without a name");
    let reason = input["description"].as_str().map(str::to_owned);
    let mut changes = changes_of_tool(&call["content"]);
    if changes.len() == 1
        && let Some(change) = changes.pop()
    {
        return subject::edit(folder, &change.path, change.diff, reason);
    }
    if !changes.is_empty() {
        // Several files at once: one request, so one text with all of them.
        let whole: Vec<String> = changes
            .into_iter()
            .map(|change| format!("{}\n{}", change.path, change.diff))
            .collect();
        return subject::other(folder, title, whole.join("\n\n"), reason);
    }
    let command = command_of(input);
    if call["kind"] == "execute" || command.is_some() {
        let command = command.unwrap_or_else(|| title.to_owned());
        return subject::run(folder, input["cwd"].as_str(), &command, reason);
    }
    let detail = pretty(input)
        .or_else(|| text_of_tool(&call["content"]))
        .unwrap_or_default();
    subject::other(folder, title, detail, reason)
}

/// The command in a tool's input, as text or as a list of words.
pub(super) fn command_of(input: &Value) -> Option<String> {
    match &input["command"] {
        Value::String(command) => Some(command.clone()),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            (!words.is_empty()).then(|| words.join(" "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_chosen_by_its_kind_and_never_for_longer_than_once() {
        let options = Options::read(&json!([
            {"optionId": "yes-for-ever", "kind": "allow_always"},
            {"optionId": "yes", "kind": "allow_once"},
            {"optionId": "no", "kind": "reject_once"},
        ]));
        let chosen = |decision| options.outcome(decision)["outcome"]["optionId"].clone();
        assert_eq!(chosen(Decision::AllowOnce), "yes");
        assert_eq!(chosen(Decision::AllowForJob), "yes");
        assert_eq!(chosen(Decision::Deny), "no");
    }

    #[test]
    fn what_cannot_be_said_is_a_cancellation() {
        let options = Options::read(&json!([{"optionId": "x", "kind": "allow_always"}]));
        assert!(!options.can_allow());
        assert_eq!(options.outcome(Decision::AllowOnce), cancelled());
        assert_eq!(
            Options::read(&json!("?")).outcome(Decision::Deny),
            cancelled()
        );
    }
}
