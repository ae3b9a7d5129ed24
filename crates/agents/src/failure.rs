//! Why an agent failed, in the classes that decide what happens next.

use protocol::job::{Failure, FailureClass};

use crate::{reset, text, wire::Closed};

/// A failure that is likely gone on another try.
pub(crate) fn transient(message: impl Into<String>) -> Failure {
    of(FailureClass::Transient, message)
}

/// A failure of a class, without a hint.
pub(crate) fn of(class: FailureClass, message: impl Into<String>) -> Failure {
    Failure::new(class, message)
}

/// The class of an HTTP status that a model's server answered with.
pub(crate) fn class_of_status(status: u64) -> FailureClass {
    match status {
        401 | 403 => FailureClass::Auth,
        402 => FailureClass::Quota,
        404 | 405 | 422 => FailureClass::Config,
        400..=499 if !matches!(status, 408 | 409 | 425 | 429) => FailureClass::Permanent,
        _ => FailureClass::Transient,
    }
}

/// The class of a failure of which there are only words.
pub(crate) fn class_of_words(words: &str) -> Option<FailureClass> {
    let words = words.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    if says(&[
        "not logged in",
        "please run /login",
        "invalid api key",
        "api key is missing",
        "unauthenticated",
        "authentication_failed",
        "invalid authentication",
        "auth required",
        "authentication required",
    ]) {
        Some(FailureClass::Auth)
    } else if says(&["credit balance", "billing", "insufficient_quota"]) || is_used_up(&words) {
        Some(FailureClass::Quota)
    } else if says(&["model_not_found", "unknown option", "unknown argument"]) {
        Some(FailureClass::Config)
    } else if says(&[
        "overloaded",
        "rate limit",
        "rate_limit",
        "too many requests",
        "econnrefused",
        "connection",
        "network",
        "timed out",
        "timeout",
        "stream disconnected",
    ]) {
        Some(FailureClass::Transient)
    } else {
        None
    }
}

/// Whether words say that a plan's share is used up, which no quick try will bring back.
pub(crate) fn is_used_up(words: &str) -> bool {
    let words = words.to_lowercase();
    [
        "usage limit",
        "session limit",
        "weekly limit",
        "hour limit",
        "daily limit",
        "monthly limit",
        "quota exceeded",
        "exceeded your current quota",
        "hit your limit",
    ]
    .iter()
    .any(|phrase| words.contains(phrase))
}

/// The failure, with the moment at which a quota is there again, where `words` name it.
pub(crate) fn with_reset(failure: Failure, words: &str) -> Failure {
    let may_pass = matches!(failure.class, FailureClass::Quota | FailureClass::Transient);
    if failure.until.is_some() || !may_pass {
        return failure;
    }
    let (now, here) = reset::here_and_now();
    let until = reset::moment_in(words, now, &here);
    // A plan that is used up may come under the name of a rate limit.
    let class = match failure.class {
        FailureClass::Transient if until.is_some() && is_used_up(words) => FailureClass::Quota,
        class => class,
    };
    Failure {
        class,
        until,
        ..failure
    }
}

/// The failure of an agent whose program ended before its turn did.
pub(crate) fn of_closed(agent: &str, closed: &Closed) -> Failure {
    let how = match &closed.exit {
        Some(exit) => format!("{agent} ended before its work did ({exit})"),
        None => format!("{agent} closed its output before its work was done"),
    };
    let words = closed.stderr.join("\n");
    let class = class_of_words(&words).unwrap_or(FailureClass::Transient);
    let failure = with_reset(of(class, how), &words);
    with_last_words(failure, closed.stderr.iter().map(String::as_str))
}

/// Adds the last words of an agent's error output.
pub(crate) fn with_last_words<'a>(
    mut failure: Failure,
    lines: impl DoubleEndedIterator<Item = &'a str>,
) -> Failure {
    let last: Vec<&str> = lines
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(3)
        .collect();
    if !last.is_empty() {
        let words: Vec<&str> = last.into_iter().rev().collect();
        failure.message = format!(
            "{}: {}",
            failure.message,
            text::shortened(&words.join("\n"))
        );
    }
    failure
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_decides_whether_trying_again_makes_sense() {
        for (status, class) in [
            (400, FailureClass::Permanent),
            (401, FailureClass::Auth),
            (403, FailureClass::Auth),
            (404, FailureClass::Config),
            (408, FailureClass::Transient),
            (429, FailureClass::Transient),
            (500, FailureClass::Transient),
            (529, FailureClass::Transient),
        ] {
            assert_eq!(class_of_status(status), class, "{status}");
        }
    }

    #[test]
    fn last_words_explain_an_early_end() {
        let failure = of_closed(
            "Agent",
            &Closed {
                exit: Some("exit status: 1".to_owned()),
                stderr: vec![
                    "noise".to_owned(),
                    String::new(),
                    "Not logged in".to_owned(),
                ],
            },
        );
        assert_eq!(failure.class, FailureClass::Auth);
        assert_eq!(
            failure.message,
            "Agent ended before its work did (exit status: 1): noise\nNot logged in"
        );
    }
}
