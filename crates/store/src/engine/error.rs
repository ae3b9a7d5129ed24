//! Telling database errors apart.

use crate::Error;

/// Whether the same transaction is likely to succeed when it is run again.
pub(super) fn is_conflict(error: &Error) -> bool {
    const SERIALIZATION_FAILURE: &str = "40001";
    const DEADLOCK: &str = "40P01";
    let Error::Database(sqlx::Error::Database(cause)) = error else {
        return false;
    };
    matches!(
        cause.code().as_deref(),
        Some(SERIALIZATION_FAILURE | DEADLOCK)
    )
}

/// Whether a statement was prepared before somebody changed the structure that it reads,
/// as a newer version does while this one works on.
pub(super) fn is_stale_plan(error: &Error) -> bool {
    const FEATURE_NOT_SUPPORTED: &str = "0A000";
    let Error::Database(sqlx::Error::Database(cause)) = error else {
        return false;
    };
    cause.code().as_deref() == Some(FEATURE_NOT_SUPPORTED)
        && cause.message().contains("cached plan")
}
