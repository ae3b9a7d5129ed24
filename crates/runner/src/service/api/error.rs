//! Why a call did not do what it should, in codes and in words.

use std::fmt::Write as _;

use protocol::error::{ErrorCode, OAuthError, Problem};
use reqwest::StatusCode;

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The coordinator refused, and says why.
    #[error("{}", .problem.message)]
    Refused {
        /// Code and words.
        problem: Problem,
        /// How long it asks to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// The sign-in's own refusals (RFC 6749 §5.2).
    #[error("{}", .0.error_description.as_deref().unwrap_or(&.0.error))]
    OAuth(OAuthError),
    /// It did not answer; trying again may help.
    #[error("{0}")]
    Unreachable(String),
    /// Something answered that is no coordinator of ours.
    #[error("{0}")]
    Strange(String),
    /// A file on this machine could not be read or written.
    #[error("{0}")]
    Local(#[source] std::io::Error),
}

impl CallError {
    /// The coordinator's code, where it gave one.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { problem, .. } => Some(problem.code),
            Self::OAuth(_) | Self::Unreachable(_) | Self::Strange(_) | Self::Local(_) => None,
        }
    }

    /// How long the coordinator asks to wait, in milliseconds.
    pub(crate) fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_after_ms, .. } => *retry_after_ms,
            Self::OAuth(_) | Self::Unreachable(_) | Self::Strange(_) | Self::Local(_) => None,
        }
    }
}

pub(super) fn refusal(status: StatusCode, body: &[u8], retry_after_ms: Option<u64>) -> CallError {
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        return CallError::Refused {
            problem,
            retry_after_ms,
        };
    }
    if let Ok(error) = serde_json::from_slice::<OAuthError>(body) {
        return CallError::OAuth(error);
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let problem = Problem::new(
            ErrorCode::Unavailable,
            format!("The coordinator, or a proxy before it, answered {status}."),
        );
        return CallError::Refused {
            problem,
            retry_after_ms,
        };
    }
    CallError::Strange(format!(
        "Something answered {status} that is no coordinator. Check the address, and whether a proxy stands in between."
    ))
}

/// Says what kept a call from being answered, and what to do.
pub(super) fn unreachable(error: &reqwest::Error) -> CallError {
    let text = chain(error);
    let lower = text.to_lowercase();
    let why = if error.is_timeout() {
        "it did not answer in time; check the network or VPN"
    } else if lower.contains("dns") || lower.contains("lookup") {
        "its name was not found (DNS); check the address, the network or VPN"
    } else if lower.contains("refused") {
        "nothing listens at its address; check the address and whether the coordinator runs"
    } else if lower.contains("certificate") {
        "its certificate is not trusted; check the address and the machine's clock and certificates"
    } else {
        return CallError::Unreachable(format!("The coordinator cannot be reached: {text}"));
    };
    CallError::Unreachable(format!("The coordinator cannot be reached: {why}."))
}

/// The error with its causes, without the address, which may hold what is nobody's business.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        let separator = if text.is_empty() { "" } else { ": " };
        // Writing to a String cannot fail.
        write!(text, "{separator}{error}").ok();
        cause = error.source();
    }
    if text.is_empty() {
        "the connection broke".clone_into(&mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_a_proxys_page_is_told_apart() {
        let problem = Problem::new(ErrorCode::FenceMovedOn, "gone");
        let body = serde_json::to_vec(&problem).unwrap();
        let error = refusal(StatusCode::GONE, &body, None);
        assert_eq!(error.code(), Some(ErrorCode::FenceMovedOn));
        let error = refusal(StatusCode::BAD_GATEWAY, b"<html>", Some(2000));
        assert_eq!(error.code(), Some(ErrorCode::Unavailable));
        assert_eq!(error.retry_after_ms(), Some(2000));
        assert!(matches!(
            refusal(StatusCode::FOUND, b"", None),
            CallError::Strange(_)
        ));
        let error = refusal(StatusCode::BAD_REQUEST, br#"{"error":"slow_down"}"#, None);
        assert!(matches!(error, CallError::OAuth(error) if error.error == "slow_down"));
    }
}
