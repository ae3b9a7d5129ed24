//! What an error of Claude Code means.

use protocol::{
    job::{Failure, FailureClass},
    time::Timestamp,
};

use crate::failure;

const SIGN_IN: &str =
    "Run `claude` in a terminal on the runner's machine and sign in, or set a valid API key.";

/// What is known of an error.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// The kind, in the program's own word.
    pub(super) kind: Option<&'a str>,
    /// The status of the model's server.
    pub(super) status: Option<u64>,
    /// What it said about it.
    pub(super) words: &'a str,
    /// When the quota is there again, where it said so beside.
    pub(super) resets_at: Option<Timestamp>,
}

/// The class of an error: the kind decides where it is sure, then the status,
/// then the words. What is not known is tried again.
pub(super) fn class_of(known: Known<'_>) -> FailureClass {
    let by_kind = known.kind.and_then(|kind| match kind {
        "authentication_failed" => Some(FailureClass::Auth),
        "billing_error" => Some(FailureClass::Quota),
        "model_not_found" => Some(FailureClass::Config),
        "invalid_request" | "max_output_tokens" => Some(FailureClass::Permanent),
        "overloaded" => Some(FailureClass::Transient),
        _ => None,
    });
    // A plan that is used up comes as a rate limit; only its words tell it apart.
    let used_up = known.resets_at.is_some() || failure::is_used_up(known.words);
    let by_limit = (known.kind == Some("rate_limit")).then_some(if used_up {
        FailureClass::Quota
    } else {
        FailureClass::Transient
    });
    by_kind
        .or(by_limit)
        .or_else(|| known.status.map(failure::class_of_status))
        .or_else(|| failure::class_of_words(known.words))
        .unwrap_or(FailureClass::Transient)
}

/// The failure that stands behind an error.
pub(super) fn failure_of(known: Known<'_>) -> Failure {
    let class = class_of(known);
    let words = match (known.words.trim(), known.kind, known.status) {
        ("", Some(kind), Some(status)) => format!("{kind} ({status})"),
        ("", Some(kind), None) => kind.to_owned(),
        ("", None, Some(status)) => format!("the model's server answered {status}"),
        ("", None, None) => "it gave no reason".to_owned(),
        (words, ..) => words.to_owned(),
    };
    let hint = match class {
        FailureClass::Auth => Some(SIGN_IN.to_owned()),
        FailureClass::Quota => Some("Check the plan or the credit of the account.".to_owned()),
        FailureClass::Config => Some("Check the model that the job asks for.".to_owned()),
        FailureClass::Transient | FailureClass::Permanent => None,
    };
    let failure = Failure {
        class,
        message: format!("Claude Code: {words}"),
        hint,
        until: known.resets_at,
    };
    failure::with_reset(failure, known.words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_cause_has_its_class() {
        for (kind, status, words, class) in [
            ("authentication_failed", Some(401), "", FailureClass::Auth),
            ("authentication_failed", Some(403), "", FailureClass::Auth),
            (
                "authentication_failed",
                None,
                "Not logged in",
                FailureClass::Auth,
            ),
            (
                "billing_error",
                Some(400),
                "Credit balance is too low",
                FailureClass::Quota,
            ),
            ("model_not_found", Some(404), "", FailureClass::Config),
            (
                "invalid_request",
                Some(400),
                "prompt is too long",
                FailureClass::Permanent,
            ),
            ("rate_limit", Some(429), "", FailureClass::Transient),
            (
                "rate_limit",
                Some(429),
                "You've hit your session limit · resets 3pm (UTC)",
                FailureClass::Quota,
            ),
            ("overloaded", Some(529), "", FailureClass::Transient),
            ("server_error", Some(529), "", FailureClass::Transient),
            ("server_error", Some(503), "", FailureClass::Transient),
            (
                "server_error",
                None,
                "connection refused",
                FailureClass::Transient,
            ),
            ("unknown", None, "", FailureClass::Transient),
        ] {
            let known = Known {
                kind: Some(kind),
                status,
                words,
                resets_at: None,
            };
            assert_eq!(class_of(known), class, "{kind} {status:?}");
        }
    }

    #[test]
    fn a_plan_that_is_used_up_says_until_when() {
        let failure = failure_of(Known {
            kind: Some("rate_limit"),
            words: "You've hit your session limit · resets 3pm (UTC)",
            ..Known::default()
        });
        assert_eq!(failure.class, FailureClass::Quota);
        assert!(failure.until.is_some());
        let failure = failure_of(Known {
            kind: Some("billing_error"),
            words: "Credit balance is too low",
            ..Known::default()
        });
        assert_eq!((failure.class, failure.until), (FailureClass::Quota, None));
    }

    #[test]
    fn an_error_without_words_still_says_something() {
        let failure = failure_of(Known {
            status: Some(500),
            ..Known::default()
        });
        assert_eq!(
            failure.message,
            "Claude Code: the model's server answered 500"
        );
    }
}
