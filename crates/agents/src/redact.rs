//! Keeping secrets out of whatever is written down, also when a secret comes in
//! pieces.
//!
//! Every form in which a secret is likely to show is looked for at once; matches
//! that overlap are hidden as one. What could be the beginning of a secret is held
//! back until it is known, so the result does not depend on where a text is cut.

mod forms;
mod hits;
mod scan;
mod stream;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use scan::Known;
pub use stream::RedactorStream;

/// Stands for a secret.
const HIDDEN: &str = "***";
/// Shorter values are no secrets: hiding them would tear every text apart.
pub const SECRET_BYTES_MIN: usize = 6;

/// Knows what has to be hidden; its clones know the same.
#[derive(Clone)]
pub struct Redactor {
    known: Arc<Known>,
}

// Never shows what it knows.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("forms", &self.known.forms())
            .finish_non_exhaustive()
    }
}

impl Redactor {
    /// Hides `secrets` in all their forms; those that are too short are left out.
    pub fn new(secrets: &[String]) -> Self {
        Self {
            known: Arc::new(Known::of(secrets)),
        }
    }

    /// How many values were too short to be hidden; a person should be told.
    pub fn too_short(&self) -> usize {
        self.known.too_short()
    }

    /// A whole text, with its secrets hidden.
    pub fn text(&self, text: &str) -> String {
        let mut stream = self.stream();
        let mut safe = stream.push(text);
        safe.push_str(&stream.finish());
        safe
    }

    /// For a text that comes in pieces.
    pub fn stream(&self) -> RedactorStream {
        RedactorStream::new(Arc::clone(&self.known))
    }
}
