//! What a runner is told about an attempt that is not, or no longer, its own.

use protocol::error::ErrorCode;

use crate::error::ApiError;

/// The refusal of a call about an attempt of somebody else.
pub(crate) fn not_yours() -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        "This runner was never given such an attempt under this fence.",
    )
}

/// The refusal of what counts only under the newest fence.
pub(crate) fn fence_moved_on() -> ApiError {
    ApiError::new(
        ErrorCode::FenceMovedOn,
        "The attempt belongs to another claim by now, or has ended.",
    )
    .hint("Stop, and keep the work on this machine.")
}
