//! Exit codes, and how a failure is told.
//!
//! The numbers are a contract with scripts; `docs/command-line.md` lists them.

use std::{fmt, process::ExitCode};

use protocol::error::{ErrorCode, Problem};

use crate::context::Context;

/// How a command ends, as a number for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It did what it should.
    Ok = 0,
    /// It did not, for a reason without a number of its own.
    Failure = 1,
    /// What was typed makes no sense; clap uses the same number.
    Usage = 2,
    /// Nobody is signed in.
    NotSignedIn = 3,
    /// The coordinator does not answer.
    Unreachable = 4,
    /// It is not allowed.
    Forbidden = 5,
    /// It does not exist.
    NotFound = 6,
    /// It has changed or ended meanwhile, or a name stands for several things.
    Conflict = 7,
    /// The time that was given ran out.
    Timeout = 8,
    /// The job that was waited for failed.
    JobFailed = 20,
    /// The job that was waited for was cancelled.
    JobCancelled = 21,
    /// A person pressed Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a verb comes back with.
pub(crate) type Done = Result<Exit, Failure>;

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The number for scripts.
    pub(crate) exit: Exit,
    /// What happened and why; empty when everything has been said already.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure with its number.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: None,
        }
    }

    /// A failure without a number of its own.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self::new(Exit::Failure, message)
    }

    /// An end of which nothing is to be told.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self::new(exit, String::new())
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let exit = match problem.code {
            ErrorCode::NotSignedIn | ErrorCode::WrongCredentials | ErrorCode::DeviceCodeInvalid => {
                Exit::NotSignedIn
            }
            ErrorCode::Unavailable | ErrorCode::ProviderFailed => Exit::Unreachable,
            ErrorCode::Forbidden
            | ErrorCode::ConfirmationRequired
            | ErrorCode::SignUpClosed
            | ErrorCode::LimitReached => Exit::Forbidden,
            ErrorCode::NotFound | ErrorCode::LinkInvalid => Exit::NotFound,
            ErrorCode::Conflict | ErrorCode::Ambiguous | ErrorCode::EmailTaken => Exit::Conflict,
            ErrorCode::Invalid
            | ErrorCode::TooLarge
            | ErrorCode::RateLimited
            | ErrorCode::NotBootstrapped
            | ErrorCode::StaleSync
            | ErrorCode::RunnerRemoved
            | ErrorCode::RunnerSuperseded
            | ErrorCode::FenceMovedOn
            | ErrorCode::EntriesMissing
            | ErrorCode::VersionUnsupported
            | ErrorCode::Internal
            | ErrorCode::Unknown => Exit::Failure,
        };
        let mut message = problem.message;
        // A person needs the id only where the server's log says more than the answer.
        if let (ErrorCode::Internal, Some(id)) = (problem.code, problem.request_id) {
            message = format!("{message} (request {id})");
        }
        Self {
            exit,
            message,
            hint: problem.hint,
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::plain(format!("{error:#}"))
    }
}

/// Tells a failure on standard error, and turns the end into a number.
pub(crate) fn report(context: &Context, done: Done) -> ExitCode {
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.message.is_empty() {
                context.output.failure(&failure);
            }
            failure.exit.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_its_own_number() {
        let exit = |code| Failure::from(Problem::new(code, "no")).exit;
        assert_eq!(exit(ErrorCode::NotSignedIn), Exit::NotSignedIn);
        assert_eq!(exit(ErrorCode::Forbidden), Exit::Forbidden);
        assert_eq!(exit(ErrorCode::NotFound), Exit::NotFound);
        assert_eq!(exit(ErrorCode::Ambiguous), Exit::Conflict);
        assert_eq!(exit(ErrorCode::Unavailable), Exit::Unreachable);
    }

    #[test]
    fn the_numbers_are_a_contract() {
        let numbers = [
            Exit::Ok,
            Exit::Failure,
            Exit::Usage,
            Exit::NotSignedIn,
            Exit::Unreachable,
            Exit::Forbidden,
            Exit::NotFound,
            Exit::Conflict,
            Exit::Timeout,
            Exit::JobFailed,
            Exit::JobCancelled,
            Exit::Interrupted,
        ]
        .map(|exit| exit as u8);
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 130]);
    }
}
