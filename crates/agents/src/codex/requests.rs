//! What Codex asks, and the answers in its form.

use std::path::Path;

use protocol::{
    approval::{ApprovalSubject, Decision},
    question::{ItemAnswer, QuestionItem, QuestionOption},
};
use serde_json::{Map, Value, json};

use super::{
    messages::{CommandApproval, Elicitation, FileApproval, RightsApproval, UserInput, read},
    shell,
    tools::{self, Tools},
};
use crate::{subject, text};

/// The answer to a method that is not known.
const METHOD_NOT_FOUND: i64 = -32601;

/// How an answer has to look.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// To a command.
    Command,
    /// To a change of files, each of which is asked for.
    Files,
    /// To more rights, which are repeated where they are given.
    Rights(Value),
    /// To a server of tools.
    Elicitation,
    /// To questions.
    Questions,
}

/// A request of which somebody has to be asked.
#[derive(Debug)]
pub(super) enum Asked {
    Permission {
        subject: ApprovalSubject,
        tool_call: Option<String>,
        form: Form,
    },
    Questions(Vec<QuestionItem>),
    /// It cannot be asked of a person; this is the answer.
    Answered(Value),
    /// It is not known.
    Unknown,
}

/// What a request asks for.
pub(super) fn read_request(
    folder: &Path,
    tools: &Tools,
    method: &str,
    parameters: &Value,
) -> Asked {
    match method {
        "item/commandExecution/requestApproval" => command(folder, tools, parameters),
        "item/fileChange/requestApproval" => files(folder, tools, parameters),
        "item/permissions/requestApproval" => rights(folder, tools, parameters),
        "item/tool/requestUserInput" => questions(parameters),
        "mcpServer/elicitation/request" => elicitation(folder, parameters),
        _ => Asked::Unknown,
    }
}

fn command(folder: &Path, tools: &Tools, parameters: &Value) -> Asked {
    let asked: CommandApproval = read(parameters);
    let known_kind = matches!(parameters["kind"].as_str(), None | Some("command"));
    let subject = match &asked.command {
        // Rights beyond the command itself have to be seen, so all of it is shown.
        Some(command) if known_kind && parameters["additionalPermissions"].is_null() => {
            subject::run(
                folder,
                asked.cwd.as_deref(),
                &shell::unwrapped(command),
                asked.reason,
            )
        }
        _ => subject::other(folder, "Run", shown(parameters), asked.reason),
    };
    Asked::Permission {
        subject,
        tool_call: tools.known(&asked.item_id),
        form: Form::Command,
    }
}

fn files(folder: &Path, tools: &Tools, parameters: &Value) -> Asked {
    let asked: FileApproval = read(parameters);
    let changes = tools.changes(&asked.item_id);
    let subject = match asked.grant_root {
        Some(root) => subject::other(folder, "Write anywhere in a folder", root, asked.reason),
        None => tools::edit(folder, changes, asked.reason.as_deref()).unwrap_or_else(|| {
            subject::other(folder, "Change files", shown(parameters), asked.reason)
        }),
    };
    Asked::Permission {
        subject,
        tool_call: tools.known(&asked.item_id),
        form: Form::Files,
    }
}

fn rights(folder: &Path, tools: &Tools, parameters: &Value) -> Asked {
    let asked: RightsApproval = read(parameters);
    let detail = text::pretty(&asked.permissions).unwrap_or_default();
    Asked::Permission {
        subject: subject::other(folder, "More rights for this turn", detail, asked.reason),
        tool_call: tools.known(&asked.item_id),
        form: Form::Rights(asked.permissions),
    }
}

fn elicitation(folder: &Path, parameters: &Value) -> Asked {
    let asked: Elicitation = read(parameters);
    let fields = asked.requested_schema["properties"].as_object();
    if fields.is_none_or(|fields| !fields.is_empty()) {
        return Asked::Answered(json!({"action": "decline"}));
    }
    let title = asked.message.unwrap_or_else(|| asked.server_name.clone());
    let title = text::title(&title);
    Asked::Permission {
        subject: subject::other(folder, title, shown(parameters), None),
        tool_call: None,
        form: Form::Elicitation,
    }
}

fn questions(parameters: &Value) -> Asked {
    let asked: UserInput = read(parameters);
    let items: Vec<QuestionItem> = asked
        .questions
        .into_iter()
        .map(|question| {
            let options = question.options.unwrap_or_default();
            QuestionItem {
                key: question.id,
                text: question.question,
                free_text: question.is_other || options.is_empty(),
                options: options
                    .into_iter()
                    .map(|option| QuestionOption {
                        label: option.label,
                        description: option.description.filter(|words| !words.is_empty()),
                    })
                    .collect(),
                multiple: false,
            }
        })
        .collect();
    if items.is_empty() {
        return Asked::Answered(answers(&[]));
    }
    Asked::Questions(items)
}

fn shown(parameters: &Value) -> String {
    text::pretty(parameters).unwrap_or_default()
}

/// The answer to a request for permission.
pub(super) fn decided(form: &Form, decision: Decision) -> Value {
    match (form, decision.allows()) {
        // Never for the session: then it would run the same again without the floor.
        (Form::Command | Form::Files, true) => json!({"decision": "accept"}),
        (Form::Command | Form::Files, false) => json!({"decision": "decline"}),
        (Form::Rights(permissions), true) => json!({"permissions": permissions, "scope": "turn"}),
        (Form::Rights(_), false) => json!({"permissions": {}}),
        (Form::Elicitation, true) => json!({"action": "accept", "content": {}}),
        (Form::Elicitation | Form::Questions, _) => json!({"action": "decline"}),
    }
}

/// The answer to questions.
pub(super) fn answers(items: &[ItemAnswer]) -> Value {
    let answers: Map<String, Value> = items
        .iter()
        .map(|item| (item.key.clone(), json!({"answers": item.values})))
        .collect();
    json!({"answers": answers})
}

/// The answer to what is not known.
pub(super) fn unsupported(method: &str) -> Value {
    json!({
        "code": METHOD_NOT_FOUND,
        "message": format!("{method} is not supported"),
    })
}

#[cfg(test)]
mod tests {
    use protocol::approval::Action;

    use super::*;

    fn asked(method: &str, parameters: &Value) -> Asked {
        read_request(Path::new("/job"), &Tools::default(), method, parameters)
    }

    #[test]
    fn a_command_is_asked_for_as_it_is_run() {
        let Asked::Permission { subject, form, .. } = asked(
            "item/commandExecution/requestApproval",
            &json!({"itemId": "c", "command": "/bin/bash -lc 'ls /etc'", "cwd": "/job", "reason": "why"}),
        ) else {
            panic!("it asks for permission");
        };
        assert_eq!(
            subject.action,
            Action::Run {
                command: "ls /etc".to_owned()
            }
        );
        assert_eq!(subject.claimed_reason.as_deref(), Some("why"));
        assert!(!subject.inside_folder);
        assert_eq!(
            decided(&form, Decision::AllowForJob),
            json!({"decision": "accept"}),
            "it would run the same again without asking"
        );
        assert_eq!(
            decided(&form, Decision::Deny),
            json!({"decision": "decline"})
        );
    }

    #[test]
    fn what_goes_beyond_a_command_is_shown_in_full() {
        for parameters in [
            json!({"command": "ls", "kind": "writeStdin"}),
            json!({"command": "ls", "additionalPermissions": {"network": {"enabled": true}}}),
            json!({"itemId": 7}),
        ] {
            let Asked::Permission { subject, .. } =
                asked("item/commandExecution/requestApproval", &parameters)
            else {
                panic!("it asks for permission");
            };
            let Action::Other { detail, .. } = subject.action else {
                panic!("{parameters}");
            };
            assert_eq!(serde_json::from_str::<Value>(&detail).unwrap(), parameters);
        }
    }

    #[test]
    fn rights_are_given_as_they_were_asked_for_or_not_at_all() {
        let permissions = json!({"network": {"enabled": true}});
        let Asked::Permission { form, .. } = asked(
            "item/permissions/requestApproval",
            &json!({"itemId": "r", "permissions": permissions}),
        ) else {
            panic!("it asks for permission");
        };
        assert_eq!(
            decided(&form, Decision::AllowOnce),
            json!({"permissions": permissions, "scope": "turn"})
        );
        assert_eq!(decided(&form, Decision::Deny), json!({"permissions": {}}));
    }

    #[test]
    fn a_form_that_has_to_be_filled_in_is_declined() {
        let filled = json!({"message": "m", "serverName": "s", "requestedSchema": {"properties": {"a": {}}}});
        let Asked::Answered(answer) = asked("mcpServer/elicitation/request", &filled) else {
            panic!("nobody is asked");
        };
        assert_eq!(answer, json!({"action": "decline"}));
        let plain =
            json!({"message": "Run it?", "serverName": "s", "requestedSchema": {"properties": {}}});
        let Asked::Permission { form, .. } = asked("mcpServer/elicitation/request", &plain) else {
            panic!("somebody is asked");
        };
        assert_eq!(decided(&form, Decision::Deny), json!({"action": "decline"}));
    }
}
