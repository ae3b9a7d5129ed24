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
