//! A text that comes in pieces.

use std::sync::Arc;

use super::{
    HIDDEN,
    hits::Hits,
    scan::{Known, Place},
};

/// Hides secrets in a text that comes in pieces.
pub struct RedactorStream {
    known: Arc<Known>,
    /// How far the search is, at the end of `held`.
    place: Place,
    /// What was not handed on yet.
    held: String,
    /// What is to be hidden of it.
    hits: Hits,
    /// How much of the beginning of `held` is hidden already.
    covered: usize,
}

impl RedactorStream {
    pub(super) fn new(known: Arc<Known>) -> Self {
        Self {
            place: known.start(),
            known,
            held: String::new(),
            hits: Hits::default(),
            covered: 0,
        }
    }

    /// Takes in a piece; hands on what is sure to be no part of a secret.
    pub fn push(&mut self, piece: &str) -> String {
        if self.known.hides_nothing() {
            return piece.to_owned();
        }
        self.take(piece);
        let waiting = self.known.waiting(&self.place, self.held.as_bytes());
        self.hand_on(self.held.len() - waiting)
    }

    /// Hands on the rest: no more follows.
    pub fn finish(&mut self) -> String {
        let rest = self.hand_on(self.held.len());
        self.place = self.known.start();
        self.covered = 0;
        rest
    }

    /// How many bytes are held back.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    fn take(&mut self, piece: &str) {
        let from = self.held.len();
        self.held.push_str(piece);
        self.known
            .search(&mut self.place, self.held.as_bytes(), from, &mut self.hits);
    }

    /// Hands on the first `sure` bytes: no match that is still to come begins there.
    fn hand_on(&mut self, sure: usize) -> String {
        let mut safe = String::with_capacity(sure);
        let mut covered = self.covered;
        for (start, end) in self.hits.before(sure) {
            if start >= covered {
                safe.push_str(self.held.get(covered..start).unwrap_or_default());
                safe.push_str(HIDDEN);
            }
            covered = covered.max(end);
        }
        if covered < sure {
            safe.push_str(self.held.get(covered..sure).unwrap_or_default());
        }
        self.covered = covered.saturating_sub(sure);
        self.held.drain(..sure);
        self.hits.moved(sure);
        safe
    }
}
