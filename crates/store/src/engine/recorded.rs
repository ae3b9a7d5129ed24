//! What was asked of the databases, for tests that look at the plans of it.

use std::sync::{Mutex, PoisonError};

use super::Statement;

static ASKED: Mutex<Option<Vec<Statement>>> = Mutex::new(None);

/// Notes a statement, while somebody wants to know.
pub(super) fn note(statement: &Statement) {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(asked) = asked.as_mut() {
        asked.push(statement.clone());
    }
}

/// Begins to note.
pub(crate) fn begin() {
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
}

/// Everything that was noted.
pub(crate) fn end() -> Vec<Statement> {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    asked.take().unwrap_or_default()
}
