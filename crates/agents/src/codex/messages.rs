//! The parts of Codex's messages that are of use here.
//!
//! Fields and kinds that are not known are ignored, and a field that is missing is
//! empty: the program is updated more often than we are. A test compares these types
//! with the schema that the installed program writes of itself.
#![expect(
    clippy::struct_field_names,
    reason = "fields are called as they are on the wire"
)]

#[cfg(test)]
use serde::Serialize;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Declares types of the wire, whose fields may all be missing.
macro_rules! wire_types {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
            #[cfg_attr(test, derive(Serialize))]
            #[serde(rename_all = "camelCase", default)]
            pub(super) struct $name {
                $($(#[$field_meta])* pub(super) $field: $type,)*
            }
        )*
    };
}

wire_types! {
    /// An item that begins or ends.
    ItemEvent { item: Item, }

    /// A message, a tool call, a piece of reasoning: all kinds of items in one.
    Item {
        #[serde(rename = "type")]
        kind: String,
        id: String,
        text: Option<String>,
        command: Option<String>,
        aggregated_output: Option<String>,
        exit_code: Option<i64>,
        status: Option<Value>,
        changes: Option<Vec<Change>>,
        server: Option<String>,
        tool: Option<String>,
        arguments: Option<Value>,
        query: Option<String>,
        path: Option<String>,
    }

    /// What happens to one file.
    Change {
        path: String,
        diff: String,
        kind: ChangeKind,
    }

    /// How a file changes.
    ChangeKind {
        #[serde(rename = "type")]
        kind: String,
        #[serde(rename = "move_path")]
        move_path: Option<String>,
    }

    /// A piece of a message, of reasoning, or of a command's output.
    Delta {
        item_id: String,
        delta: String,
    }

    /// It wants to run something.
    CommandApproval {
        item_id: String,
        command: Option<String>,
        cwd: Option<String>,
        reason: Option<String>,
    }

    /// It wants to change files; which stands in the item.
    FileApproval {
        item_id: String,
        reason: Option<String>,
        grant_root: Option<String>,
    }

    /// It wants more rights for its sandbox.
    RightsApproval {
        item_id: String,
        permissions: Value,
        reason: Option<String>,
    }

    /// A server of tools wants something.
    Elicitation {
        message: Option<String>,
        requested_schema: Value,
        server_name: String,
    }

    /// It asks a person.
    UserInput { questions: Vec<Question>, }

    /// One question.
    Question {
        id: String,
        question: String,
        is_other: bool,
        options: Option<Vec<Choice>>,
    }

    /// One answer to choose.
    Choice {
        label: String,
        description: Option<String>,
    }

    /// Something went wrong.
    ErrorEvent {
        error: TurnError,
        will_retry: bool,
    }

    /// What went wrong.
    TurnError {
        message: String,
        codex_error_info: Option<Value>,
        additional_details: Option<String>,
    }

    /// A turn that begins or ends.
    TurnEvent { turn: Turn, }

    /// A turn.
    Turn {
        id: String,
        status: String,
        error: Option<TurnError>,
    }

    /// What a thread has used.
    UsageEvent { token_usage: TokenUsage, }

    /// All of it.
    TokenUsage { total: Tokens, }

    /// Tokens by kind; what was cached and what was thought is part of the rest.
    Tokens {
        input_tokens: u64,
        cached_input_tokens: u64,
        cache_write_input_tokens: u64,
        output_tokens: u64,
        reasoning_output_tokens: u64,
    }

    /// The plan, as a whole.
    PlanEvent { plan: Vec<PlanStep>, }

    /// One step.
    PlanStep {
        step: String,
        status: String,
    }

    /// A request needs no answer any more.
    Resolved { request_id: Value, }

    /// Something that a person should know.
    Warning { message: String, }

    /// Something is wrong with its settings.
    ConfigWarning {
        summary: String,
        details: Option<String>,
    }

    /// Which account is signed in.
    AccountAnswer {
        account: Option<Account>,
        requires_openai_auth: Option<bool>,
    }

    /// An account.
    Account {
        #[serde(rename = "type")]
        kind: String,
        plan_type: Option<String>,
    }

    /// The models that it offers.
    ModelList { data: Vec<Model>, }

    /// A model.
    Model {
        id: String,
        hidden: bool,
    }
}

/// A part of a message; an empty one where it is something else altogether.
pub(super) fn read<T: DeserializeOwned + Default>(value: &Value) -> T {
    T::deserialize(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_ignored() {
        let event: ErrorEvent = read(&json!({
            "error": {"message": "m", "codexErrorInfo": {"newKind": {"a": 1}}, "new": []},
            "willRetry": true,
            "more": {},
        }));
        assert!(event.will_retry);
        assert_eq!(event.error.message, "m");
        assert_eq!(read::<ErrorEvent>(&json!([1])), ErrorEvent::default());
    }
}
