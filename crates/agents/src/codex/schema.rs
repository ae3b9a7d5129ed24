//! What is read and sent here, compared with the schema that the installed Codex
//! writes of itself. `COORD_TEST_CODEX` names its program.

use std::{collections::BTreeSet, path::Path, time::Duration};

use serde::Serialize;
use serde_json::Value;

use super::messages::{
    Account, AccountAnswer, Change, Choice, CommandApproval, ConfigWarning, Delta, Elicitation,
    ErrorEvent, FileApproval, Item, ItemEvent, Model, ModelList, PlanEvent, PlanStep, Question,
    Resolved, RightsApproval, TokenUsage, Tokens, Turn, TurnError, TurnEvent, UsageEvent,
    UserInput, Warning,
};

/// Notifications and requests that are understood.
const HEARD: [&str; 19] = [
    "item/agentMessage/delta",
    "item/reasoning/summaryTextDelta",
    "item/reasoning/textDelta",
    "item/commandExecution/outputDelta",
    "item/started",
    "item/completed",
    "serverRequest/resolved",
    "thread/tokenUsage/updated",
    "turn/plan/updated",
    "turn/started",
    "turn/completed",
    "error",
    "warning",
    "configWarning",
    "item/commandExecution/requestApproval",
    "item/fileChange/requestApproval",
    "item/permissions/requestApproval",
    "item/tool/requestUserInput",
    "mcpServer/elicitation/request",
];

/// Calls that are made.
const MADE: [&str; 9] = [
    "initialize",
    "account/read",
    "model/list",
    "thread/start",
    "thread/resume",
    "turn/start",
    "turn/steer",
    "turn/interrupt",
    "thread/backgroundTerminals/clean",
];

/// Words that decide something, with where they stand.
const WORDS: [(&str, &[&str]); 10] = [
    ("SandboxMode", &["read-only"]),
    ("AskForApproval", &["on-request"]),
    ("ApprovalsReviewer", &["user"]),
    ("CommandExecutionApprovalDecision", &["accept", "decline"]),
    ("FileChangeApprovalDecision", &["accept", "decline"]),
    ("CommandExecutionStatus", &["declined", "failed"]),
    ("PatchApplyStatus", &["declined", "failed"]),
    ("TurnStatus", &["completed", "interrupted", "failed"]),
    (
        "CodexErrorInfo",
        &[
            "usageLimitExceeded",
            "rateLimitExceeded",
            "serverOverloaded",
            "modelNotFound",
            "unauthorized",
            "badRequest",
            "other",
            "httpStatusCode",
        ],
    ),
    (
        "ThreadItem",
        &[
            "agentMessage",
            "reasoning",
            "commandExecution",
            "fileChange",
            "webSearch",
            "mcpToolCall",
        ],
    ),
];

/// The definitions of a folder of schemas, by name.
fn definitions(folder: &Path) -> Value {
    let path = folder.join("codex_app_server_protocol.schemas.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut all = schema["definitions"].take();
    // Newer definitions stand in a folder of their own within the others.
    let newer = all["v2"].take();
    let both = all.as_object_mut().unwrap();
    for (name, definition) in newer.as_object().cloned().unwrap_or_default() {
        both.insert(name, definition);
    }
    all
}

/// All names of fields in a definition, in whatever variant they stand.
fn fields(definition: &Value, found: &mut BTreeSet<String>) {
    match definition {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get("properties") {
                found.extend(properties.keys().cloned());
            }
            for (name, value) in entries {
                if ["oneOf", "anyOf", "allOf"].contains(&name.as_str()) {
                    fields(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

/// All texts in a value.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(entries) => {
            found.extend(entries.keys().cloned());
            entries.values().for_each(|value| texts(value, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn has_all<T: Default + Serialize>(all: &Value, name: &str) {
    let definition = &all[name];
    assert!(!definition.is_null(), "there is no {name} any more");
    let mut known = BTreeSet::new();
    fields(definition, &mut known);
    let ours = serde_json::to_value(T::default()).unwrap();
    for field in ours.as_object().unwrap().keys() {
        assert!(known.contains(field), "{name} has no {field} any more");
    }
}

fn types(all: &Value) {
    has_all::<ItemEvent>(all, "ItemStartedNotification");
    has_all::<ItemEvent>(all, "ItemCompletedNotification");
    has_all::<Item>(all, "ThreadItem");
    has_all::<Change>(all, "FileUpdateChange");
    has_all::<super::messages::ChangeKind>(all, "PatchChangeKind");
    has_all::<Delta>(all, "AgentMessageDeltaNotification");
    has_all::<Delta>(all, "ReasoningSummaryTextDeltaNotification");
    has_all::<Delta>(all, "ReasoningTextDeltaNotification");
    has_all::<Delta>(all, "CommandExecutionOutputDeltaNotification");
    has_all::<CommandApproval>(all, "CommandExecutionRequestApprovalParams");
    has_all::<FileApproval>(all, "FileChangeRequestApprovalParams");
    has_all::<RightsApproval>(all, "PermissionsRequestApprovalParams");
    has_all::<Elicitation>(all, "McpServerElicitationRequestParams");
    has_all::<UserInput>(all, "ToolRequestUserInputParams");
    has_all::<Question>(all, "ToolRequestUserInputQuestion");
    has_all::<Choice>(all, "ToolRequestUserInputOption");
    has_all::<ErrorEvent>(all, "ErrorNotification");
    has_all::<TurnError>(all, "TurnError");
    has_all::<TurnEvent>(all, "TurnCompletedNotification");
    has_all::<TurnEvent>(all, "TurnStartedNotification");
    has_all::<Turn>(all, "Turn");
    has_all::<UsageEvent>(all, "ThreadTokenUsageUpdatedNotification");
    has_all::<TokenUsage>(all, "ThreadTokenUsage");
    has_all::<Tokens>(all, "TokenUsageBreakdown");
    has_all::<PlanEvent>(all, "TurnPlanUpdatedNotification");
    has_all::<PlanStep>(all, "TurnPlanStep");
    has_all::<Resolved>(all, "ServerRequestResolvedNotification");
    has_all::<Warning>(all, "WarningNotification");
    has_all::<ConfigWarning>(all, "ConfigWarningNotification");
    has_all::<AccountAnswer>(all, "GetAccountResponse");
    has_all::<Account>(all, "Account");
    has_all::<ModelList>(all, "ModelListResponse");
    has_all::<Model>(all, "Model");
}

#[tokio::test]
async fn the_installed_codex_speaks_as_we_do() {
    let program = std::env::var_os("COORD_TEST_CODEX")
        .expect("COORD_TEST_CODEX has to name the program of Codex; `cargo xtask test` sets it");
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().display().to_string();
    let beside = Path::new(&program).parent().unwrap().display().to_string();
    let environment = [
        ("HOME", home.clone()),
        ("PATH", format!("{beside}:/usr/local/bin:/usr/bin:/bin")),
    ];
    let arguments = [
        "app-server",
        "generate-json-schema",
        "--experimental",
        "--out",
        &home,
    ];
    let limit = Duration::from_mins(1);
    let written = process::run_briefly(Path::new(&program), &arguments, environment, limit).await;
    let written = written.unwrap();
    assert!(written.status.success(), "{}", written.stderr);
    let all = definitions(folder.path());
    types(&all);
    let mut heard = BTreeSet::new();
    texts(&all["ServerNotification"], &mut heard);
    texts(&all["ServerRequest"], &mut heard);
    for method in HEARD {
        assert!(heard.contains(method), "it says no {method} any more");
    }
    let mut known = BTreeSet::new();
    texts(&all["ClientRequest"], &mut known);
    for method in MADE {
        assert!(known.contains(method), "it knows no {method} any more");
    }
    for (name, words) in WORDS {
        let mut known = BTreeSet::new();
        texts(&all[name], &mut known);
        for word in words {
            assert!(known.contains(*word), "{name} has no {word} any more");
        }
    }
}
