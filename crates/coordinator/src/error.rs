//! Refusals: a [`Problem`] with its status, made where the refusal is decided.

use std::error::Error as StdError;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use protocol::{
    error::{ErrorCode, Problem},
    ids::RequestId,
};

tokio::task_local! {
    /// The id of the request that this task answers.
    pub(crate) static REQUEST_ID: RequestId;
}

/// Why a request is refused.
#[derive(Debug)]
pub(crate) struct ApiError {
    problem: Problem,
    status: StatusCode,
    retry_after_s: Option<u64>,
}

/// What handlers return.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A refusal with the status that belongs to its code.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Problem::new(code, message).into()
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.problem = self.problem.hint(hint);
        self
    }

    /// Answers with another status than the code's own.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Says when another try makes sense.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Something broke in here: the cause goes into the log, not to the caller.
    pub(crate) fn internal(cause: &(dyn StdError + 'static)) -> Self {
        tracing::error!(error = %chain(cause), "a request failed inside the server");
        Self::new(ErrorCode::Internal, "Something broke inside the server.")
            .hint("Try again. If it stays, look for the request id in the server's log.")
    }

    /// The database is away; nobody made a mistake, and it will be back.
    fn without_database(cause: &store::Error) -> Self {
        tracing::warn!(error = %chain(cause), "a request found no database");
        Self::new(
            ErrorCode::Unavailable,
            "The coordinator's database does not answer at the moment.",
        )
        .hint("Try again in a moment. The coordinator goes on by itself once its database is back.")
        .retry_after(1)
    }

    /// Nothing by that name is in view.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("There is no such {what}, or you cannot see it."),
        )
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(ErrorCode::NotSignedIn, "You are not signed in.").hint("Sign in and try again.")
    }

    /// What is refused, for callers that look closer.
    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// An error with everything behind it.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        source = inner.source();
    }
    chain
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self {
            status: status_of(problem.code),
            problem,
            retry_after_s: None,
        }
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        if error.is_away() {
            return Self::without_database(&error);
        }
        match error {
            store::Error::Overloaded | store::Error::Closed => Self::new(
                ErrorCode::Unavailable,
                "The coordinator is overloaded or about to stop.",
            )
            .hint("Try again in a moment.")
            .retry_after(1),
            store::Error::NulInText => Self::new(
                ErrorCode::Invalid,
                "A text in the request holds a NUL character, which cannot be stored.",
            )
            .hint("Remove it, or attach the text as a file."),
            store::Error::Database(_)
            | store::Error::Embedded(_)
            | store::Error::Thread(_)
            | store::Error::Migrate(_)
            | store::Error::Corrupt { .. }
            | store::Error::NotCommitted
            | store::Error::Panicked
            | store::Error::Address(_) => Self::internal(&error),
        }
    }
}

impl From<object_store::Error> for ApiError {
    fn from(error: object_store::Error) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut problem = self.problem;
        problem.request_id = REQUEST_ID.try_with(|id| *id).ok();
        let mut response = (self.status, Json(problem)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The status that belongs to a code.
const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NotSignedIn | ErrorCode::WrongCredentials => StatusCode::UNAUTHORIZED,
        ErrorCode::ConfirmationRequired
        | ErrorCode::Forbidden
        | ErrorCode::SignUpClosed
        | ErrorCode::LimitReached => StatusCode::FORBIDDEN,
        ErrorCode::NotFound | ErrorCode::DeviceCodeInvalid | ErrorCode::LinkInvalid => {
            StatusCode::NOT_FOUND
        }
        ErrorCode::Invalid | ErrorCode::VersionUnsupported => StatusCode::BAD_REQUEST,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Conflict
        | ErrorCode::Ambiguous
        | ErrorCode::EmailTaken
        | ErrorCode::StaleSync
        | ErrorCode::EntriesMissing
        | ErrorCode::NotBootstrapped => StatusCode::CONFLICT,
        ErrorCode::RunnerRemoved | ErrorCode::RunnerSuperseded | ErrorCode::FenceMovedOn => {
            StatusCode::GONE
        }
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::ProviderFailed => StatusCode::BAD_GATEWAY,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal | ErrorCode::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
