//! Tools of Claude Code, in the words that all agents share.

use std::path::Path;

use protocol::{
    approval::ApprovalSubject,
    question::{ItemAnswer, QuestionItem, QuestionOption},
    record::ToolKind,
};
use serde_json::{Map, Value, json};

use crate::{subject, text};

/// The tool by which it asks a person.
pub(super) const ASK: &str = "AskUserQuestion";

/// What kind of tool it is.
pub(super) fn kind_of(name: &str) -> ToolKind {
    match name {
        "Bash" | "BashOutput" | "KillShell" => ToolKind::Run,
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" => ToolKind::Edit,
        "Read" | "NotebookRead" => ToolKind::Read,
        "Glob" | "Grep" | "LS" => ToolKind::Search,
        "WebFetch" | "WebSearch" => ToolKind::Fetch,
        _ => ToolKind::Other,
    }
}

/// Whether it has no effect but on the agent's own plans, or asks a person anyway.
pub(super) fn only_talks(name: &str) -> bool {
    matches!(
        name,
        "AskUserQuestion" | "EnterPlanMode" | "ExitPlanMode" | "TodoWrite"
    )
}

/// Whether it changes files or belongs to a server of tools: its use is always asked for.
pub(super) fn is_always_asked(name: &str) -> bool {
    kind_of(name) == ToolKind::Edit || name.starts_with("mcp__")
}

/// The path that a tool would only read.
pub(super) fn read_path<'a>(name: &str, input: &'a Value) -> Option<&'a str> {
    let path = match name {
        "Read" => &input["file_path"],
        "NotebookRead" => &input["notebook_path"],
        "Glob" | "Grep" | "LS" if input["path"].is_null() => return Some("."),
        "Glob" | "Grep" | "LS" => &input["path"],
        _ => return None,
    };
    path.as_str()
}

/// One line for a person.
pub(super) fn title_of(name: &str, input: &Value) -> String {
    let field = |field: &str| input[field].as_str();
    let about = match name {
        "Bash" => return text::title(field("command").unwrap_or(name)),
        "Write" | "Edit" | "MultiEdit" | "Read" => field("file_path"),
        "NotebookEdit" => field("notebook_path"),
        "Glob" | "Grep" => field("pattern"),
        "WebFetch" => field("url"),
        "WebSearch" => field("query"),
        "Task" => field("description"),
        _ => None,
    };
    match about {
        Some(about) => text::title(&format!("{name} {about}")),
        None => name.to_owned(),
    }
}

/// Command, path or input.
pub(super) fn detail_of(name: &str, input: &Value) -> Option<String> {
    let plain = match kind_of(name) {
        ToolKind::Run => input["command"].as_str(),
        ToolKind::Edit | ToolKind::Read => input["file_path"]
            .as_str()
            .or_else(|| input["notebook_path"].as_str()),
        ToolKind::Delete | ToolKind::Search | ToolKind::Fetch | ToolKind::Other => None,
    };
    plain
        .map(str::to_owned)
        .or_else(|| text::pretty(input))
        .as_deref()
        .map(text::shortened)
}

/// What exactly a tool call asks for.
pub(super) fn subject_of(folder: &Path, name: &str, input: &Value) -> ApprovalSubject {
    let reason = input["description"].as_str().map(str::to_owned);
    let path = input["file_path"].as_str();
    match (name, path) {
        ("Bash", _) => {
            if let Some(command) = input["command"].as_str() {
                return subject::run(folder, None, command, reason);
            }
        }
        ("Write", Some(path)) => {
            if let Some(text) = input["content"].as_str() {
                return subject::edit(folder, path, text.to_owned(), reason);
            }
        }
        ("Edit", Some(path)) => {
            if let Some(change) = change(path, input) {
                return subject::edit(folder, path, change, reason);
            }
        }
        ("MultiEdit", Some(path)) => {
            let edits = input["edits"].as_array().map(Vec::as_slice);
            let changes: Option<Vec<String>> = edits
                .unwrap_or_default()
                .iter()
                .map(|edit| change(path, edit))
                .collect();
            if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
                return subject::edit(folder, path, changes.join("\n"), reason);
            }
        }
        _ => {}
    }
    subject::other(
        folder,
        name,
        text::pretty(input).unwrap_or_default(),
        reason,
    )
}

/// A replacement as a change; it says so when it is made everywhere.
fn change(path: &str, edit: &Value) -> Option<String> {
    let (old, new) = (edit["old_string"].as_str()?, edit["new_string"].as_str()?);
    let diff = text::diff(path, old, new);
    Some(if edit["replace_all"] == true {
        format!("every occurrence:\n{diff}")
    } else {
        diff
    })
}

/// The questions of a call of [`ASK`]; none when they cannot be read.
pub(super) fn questions_of(input: &Value) -> Option<Vec<QuestionItem>> {
    let items: Option<Vec<QuestionItem>> = input["questions"]
        .as_array()?
        .iter()
        .map(|question| {
            let text = question["question"].as_str()?;
            let options = question["options"].as_array().map(Vec::as_slice);
            Some(QuestionItem {
                key: text.to_owned(),
                text: text.to_owned(),
                options: options
                    .unwrap_or_default()
                    .iter()
                    .filter_map(option)
                    .collect(),
                multiple: question["multiSelect"] == true,
                free_text: true,
            })
        })
        .collect();
    items.filter(|items| !items.is_empty())
}

fn option(option: &Value) -> Option<QuestionOption> {
    Some(QuestionOption {
        label: option["label"].as_str()?.to_owned(),
        description: option["description"].as_str().map(str::to_owned),
    })
}

/// The input of a call of [`ASK`] with the answers in it.
pub(super) fn answered(input: &Value, answers: &[ItemAnswer]) -> Value {
    let answers: Map<String, Value> = answers
        .iter()
        .map(|answer| (answer.key.clone(), Value::from(answer.values.join(", "))))
        .collect();
    let mut input = input.clone();
    if let Some(fields) = input.as_object_mut() {
        fields.insert("answers".to_owned(), json!(answers));
    }
    input
}

#[cfg(test)]
mod tests {
    use protocol::approval::Action;

    use super::*;

    fn action(name: &str, input: &Value) -> Action {
        subject_of(Path::new("/job"), name, input).action
    }

    #[test]
    fn an_edit_shows_all_that_changes() {
        assert_eq!(
            action(
                "Edit",
                &json!({"file_path": "a", "old_string": "x\n", "new_string": "y\n", "replace_all": true})
            ),
            Action::Edit {
                path: "a".to_owned(),
                diff: "every occurrence:\n--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n".to_owned(),
            }
        );
        let Action::Edit { diff, .. } = action(
            "MultiEdit",
            &json!({"file_path": "a", "edits": [
                {"old_string": "x", "new_string": "y"},
                {"old_string": "p", "new_string": "q"},
            ]}),
        ) else {
            panic!("it is an edit");
        };
        assert!(diff.contains("-x") && diff.contains("+q"), "{diff}");
    }

    #[test]
    fn an_input_that_is_not_understood_is_shown_in_full() {
        for (name, input) in [
            ("Bash", json!({"cmd": "ls"})),
            ("Edit", json!({"file_path": "a"})),
            (
                "MultiEdit",
                json!({"file_path": "a", "edits": [{"old_string": "x"}]}),
            ),
            ("Launch", json!({"target": "rocket"})),
        ] {
            let Action::Other { title, detail } = action(name, &input) else {
                panic!("{name} is not understood");
            };
            assert_eq!(title, name);
            assert_eq!(serde_json::from_str::<Value>(&detail).unwrap(), input);
        }
    }
}
