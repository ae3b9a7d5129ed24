//! What an agent's error means.

use protocol::job::{Failure, FailureClass};
use serde_json::Value;

use crate::failure;

/// The agent wants a sign-in first.
pub(super) const AUTH_REQUIRED: i64 = -32000;
/// A method that is not known.
pub(super) const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// The failure that stands behind the error of a response.
///
/// An agent names the kind in its data, or answers with the status of the model's
/// server as its code, or only has words.
pub(super) fn of(agent: &str, error: &Value) -> Failure {
    let code = error["code"].as_i64().unwrap_or_default();
    let message = error["message"].as_str().unwrap_or("an unnamed error");
    let details = error["data"]["details"].as_str().unwrap_or_default();
    let words = if details.is_empty() || message.contains(details) {
        message.to_owned()
    } else {
        format!("{message}: {details}")
    };
    let class = error["data"]["errorKind"]
        .as_str()
        .and_then(class_of_kind)
        .or_else(|| class_of_code(code))
        .or_else(|| failure::class_of_words(&words))
        .unwrap_or(FailureClass::Transient);
    let failure = Failure {
        class,
        message: format!("{agent}: {words}"),
        hint: (class == FailureClass::Auth)
            .then(|| format!("Sign in with {agent} on the runner's machine, then try again.")),
        until: None,
    };
    failure::with_reset(failure, &words)
}

fn class_of_kind(kind: &str) -> Option<FailureClass> {
    Some(match kind {
        "transient" | "rate_limit" | "overloaded" | "server_error" | "timeout" => {
            FailureClass::Transient
        }
        "permanent" | "invalid_request" => FailureClass::Permanent,
        "authentication_failed" | "auth" => FailureClass::Auth,
        "billing_error" | "quota" => FailureClass::Quota,
        "model_not_found" | "config" => FailureClass::Config,
        _ => return None,
    })
}

fn class_of_code(code: i64) -> Option<FailureClass> {
    match code {
        AUTH_REQUIRED => Some(FailureClass::Auth),
        METHOD_NOT_FOUND | INVALID_PARAMS => Some(FailureClass::Config),
        status @ 400..=599 => Some(failure::class_of_status(status.cast_unsigned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kind_code_and_words_decide_in_this_order() {
        for (error, class) in [
            (
                json!({"code": -32603, "message": "m", "data": {"errorKind": "permanent"}}),
                FailureClass::Permanent,
            ),
            (json!({"code": 401, "message": "m"}), FailureClass::Auth),
            (
                json!({"code": 429, "message": "m"}),
                FailureClass::Transient,
            ),
            (json!({"code": -32000, "message": "m"}), FailureClass::Auth),
            (
                json!({"code": -32603, "message": "Internal error", "data": {"details": "quota exceeded"}}),
                FailureClass::Quota,
            ),
            (
                json!({"code": -32603, "message": "?"}),
                FailureClass::Transient,
            ),
            (json!(null), FailureClass::Transient),
        ] {
            assert_eq!(of("Agent", &error).class, class, "{error}");
        }
    }
}
