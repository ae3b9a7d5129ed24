//! What an error of Codex means.

use protocol::job::{Failure, FailureClass};
use serde_json::Value;

use super::{TITLE, messages::TurnError};
use crate::{failure, text, wire::Closed};

const SIGN_IN: &str = "Run `codex login` in a terminal on the runner's machine, or set a valid API key for \
     the provider in its config.toml.";
const SETTINGS: &str =
    "Mend `config.toml` in the folder of Codex's settings (`~/.codex`, or CODEX_HOME).";
const OLD_POLICY: &str = "Remove `approval_policy` from `config.toml` in the folder of Codex's settings \
     (`~/.codex`, or CODEX_HOME); jobs set their own.";

/// How much a try counts for which the network has to come back, and any other.
const NETWORK_TRY: u32 = 2;
const OTHER_TRY: u32 = 1;
/// How much may be tried in a row; by itself it would never give up.
const TRIES_MAX: u32 = 8;

/// The class of an error: what it is called decides, then the status, then the words.
fn class_of(error: &TurnError) -> FailureClass {
    let by_name = match &error.codex_error_info {
        Some(Value::String(name)) => class_of_name(name),
        Some(info @ Value::Object(_)) => match status_in(info) {
            Some(Some(status)) => Some(failure::class_of_status(status)),
            Some(None) => Some(FailureClass::Transient),
            None => None,
        },
        _ => None,
    };
    by_name
        .or_else(|| class_of_words(&error.message))
        .unwrap_or(FailureClass::Permanent)
}

fn class_of_name(name: &str) -> Option<FailureClass> {
    match name {
        "unauthorized" => Some(FailureClass::Auth),
        "usageLimitExceeded" | "sessionBudgetExceeded" => Some(FailureClass::Quota),
        "modelNotFound" => Some(FailureClass::Config),
        "rateLimitExceeded"
        | "serverOverloaded"
        | "internalServerError"
        | "flexUnavailable"
        | "policyCapacityUnavailable" => Some(FailureClass::Transient),
        "badRequest"
        | "contextWindowExceeded"
        | "cyberPolicy"
        | "misalignmentPolicyViolation"
        | "tooManyDenials"
        | "sandboxError"
        | "inferenceHookDenied" => Some(FailureClass::Permanent),
        // `other`, and what comes with a newer version: the words have to do.
        _ => None,
    }
}

fn class_of_words(words: &str) -> Option<FailureClass> {
    if words.contains("Missing environment variable") {
        return Some(FailureClass::Auth);
    }
    failure::class_of_words(words)
}

/// The status of the model's server in an error that has room for one.
#[expect(
    clippy::option_option,
    reason = "no room for a status and none given are different things"
)]
fn status_in(info: &Value) -> Option<Option<u64>> {
    let fields = info.as_object()?.values().next()?.as_object()?;
    fields.get("httpStatusCode").map(Value::as_u64)
}

/// The failure that stands behind an error.
pub(super) fn failure_of(error: &TurnError) -> Failure {
    let class = class_of(error);
    let words = match error.message.trim() {
        "" => "it gave no reason".to_owned(),
        words => text::shortened(words),
    };
    let failure = failure::of(class, format!("{TITLE}: {words}"));
    let failure = match class {
        FailureClass::Auth => failure.hint(SIGN_IN),
        FailureClass::Quota => failure.hint("Check the plan or the credit of the account."),
        FailureClass::Config => failure.hint("Check the model that the job asks for."),
        FailureClass::Transient | FailureClass::Permanent => failure,
    };
    // When a plan's share is there again stands in the words alone.
    failure::with_reset(failure, &words)
}

/// Whether no further try will bring anything else. What stands between it and its model
/// may refuse its first way, a WebSocket; it takes another one by itself.
pub(super) fn is_in_vain(error: &TurnError) -> bool {
    let details = error.additional_details.as_deref().unwrap_or_default();
    let first_way = details.contains("url: ws://") || details.contains("url: wss://");
    class_of(error) == FailureClass::Auth && !first_way
}

/// An error with the details that go with a try that is made again.
pub(super) fn with_details(error: &TurnError) -> TurnError {
    let details = error.additional_details.as_deref().unwrap_or_default();
    let message = match details {
        "" => error.message.clone(),
        details => format!("{}: {details}", error.message),
    };
    TurnError {
        message,
        ..error.clone()
    }
}

/// The failure behind a request that was turned down before a turn began.
pub(super) fn of_call(error: &Value) -> Failure {
    let words = error["message"].as_str().unwrap_or("it gave no reason");
    let message = format!("{TITLE}: {}", text::shortened(words));
    if words.contains("configuration") {
        return failure::of(FailureClass::Config, message).hint(SETTINGS);
    }
    let class = class_of_words(words).unwrap_or(FailureClass::Permanent);
    failure::of(class, message)
}

/// Whether a request was turned down since its thread is not known any more.
pub(super) fn is_gone(error: &Value) -> bool {
    let words = error["message"].as_str().unwrap_or_default();
    words.contains("no rollout found") || words.contains("thread not found")
}

/// The failure of a program that ended before its turn did.
pub(super) fn of_closed(closed: &Closed) -> Failure {
    let failure = failure::of_closed(TITLE, closed);
    match hint_in(&closed.stderr.join("\n")) {
        Some(hint) => Failure {
            class: FailureClass::Config,
            ..failure.hint(hint)
        },
        None => failure,
    }
}

/// What to do about settings with which it does not even start.
pub(super) fn hint_in(stderr: &str) -> Option<&'static str> {
    if stderr.contains("approval_policy") {
        Some(OLD_POLICY)
    } else if stderr.contains("no longer supported")
        || stderr.contains("config.toml")
        || stderr.contains("CODEX_HOME points to")
    {
        Some(SETTINGS)
    } else {
        None
    }
}

/// Counts tries in a row that have come to nothing.
#[derive(Debug, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Another one; whether it was one too many.
    pub(super) fn again(&mut self, error: &TurnError) -> bool {
        let info = error.codex_error_info.as_ref();
        // With a status it gives up by itself.
        if info.and_then(status_in) != Some(None) {
            return false;
        }
        self.0 += if error.message.contains("waiting for network") {
            NETWORK_TRY
        } else {
            OTHER_TRY
        };
        self.0 >= TRIES_MAX
    }

    /// Something came through.
    pub(super) fn forget(&mut self) {
        self.0 = 0;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(info: Value, message: &str) -> TurnError {
        TurnError {
            message: message.to_owned(),
            codex_error_info: Some(info),
            additional_details: None,
        }
    }

    #[test]
    fn every_known_cause_has_its_class() {
        let http = |status: Value| json!({"httpConnectionFailed": {"httpStatusCode": status}});
        let disconnected = json!({"responseStreamDisconnected": {"httpStatusCode": null}});
        let attempts = json!({"responseTooManyFailedAttempts": {"httpStatusCode": 429}});
        for (info, words, class) in [
            (http(json!(401)), "", FailureClass::Auth),
            (http(json!(403)), "", FailureClass::Auth),
            (json!("unauthorized"), "", FailureClass::Auth),
            (
                json!("other"),
                "Missing environment variable: `KEY`",
                FailureClass::Auth,
            ),
            (attempts, "", FailureClass::Transient),
            (json!("rateLimitExceeded"), "", FailureClass::Transient),
            (json!("usageLimitExceeded"), "", FailureClass::Quota),
            (http(json!(503)), "", FailureClass::Transient),
            (json!("serverOverloaded"), "", FailureClass::Transient),
            (disconnected, "", FailureClass::Transient),
            (
                json!("other"),
                "stream disconnected before completion: reset",
                FailureClass::Transient,
            ),
            (json!("other"), "bad things", FailureClass::Permanent),
            (http(json!(400)), "", FailureClass::Permanent),
            (json!("modelNotFound"), "", FailureClass::Config),
            (
                json!({"activeTurnNotSteerable": {"turnKind": "review"}}),
                "",
                FailureClass::Permanent,
            ),
            (json!("aNewerName"), "", FailureClass::Permanent),
        ] {
            assert_eq!(
                class_of(&error(info.clone(), words)),
                class,
                "{info} {words}"
            );
        }
    }

    #[test]
    fn a_refused_sign_in_is_final_but_for_the_first_way() {
        let info = json!({"responseStreamDisconnected": {"httpStatusCode": 403}});
        let mut refused = error(info, "Reconnecting... 1/5");
        for (details, in_vain) in [
            (
                "unexpected status 403, url: https://host/v1/responses",
                true,
            ),
            ("unexpected status 403, url: wss://host/v1/responses", false),
        ] {
            refused.additional_details = Some(details.to_owned());
            assert_eq!(is_in_vain(&refused), in_vain, "{details}");
        }
    }

    #[test]
    fn a_plan_that_is_used_up_says_when_it_is_there_again() {
        let failure = failure_of(&error(
            json!("usageLimitExceeded"),
            "You’ve hit your usage limit. Upgrade to Pro or try again at 3:06 PM.",
        ));
        assert_eq!(failure.class, FailureClass::Quota);
        assert!(failure.until.is_some());
    }

    #[test]
    fn a_network_that_does_not_come_back_has_an_end() {
        let disconnected = json!({"responseStreamDisconnected": {"httpStatusCode": null}});
        let waits = error(disconnected, "Reconnecting... waiting for network");
        let mut tries = Tries::default();
        assert_eq!(
            [(); 4].map(|()| tries.again(&waits)),
            [false, false, false, true]
        );
        tries.forget();
        assert!(!tries.again(&waits));
        let busy = error(json!({"httpConnectionFailed": {"httpStatusCode": 503}}), "");
        assert!((0..100).all(|_| !tries.again(&busy)));
    }

    #[test]
    fn settings_that_keep_it_from_starting_are_named() {
        let closed = Closed {
            exit: Some("exit status: 1".to_owned()),
            stderr: vec![
                "Error: approval_policy = \"untrusted\" is no longer supported; remove this setting"
                    .to_owned(),
            ],
        };
        let failure = of_closed(&closed);
        assert_eq!(failure.class, FailureClass::Config);
        assert!(failure.hint.unwrap().contains("Remove `approval_policy`"));
    }
}
