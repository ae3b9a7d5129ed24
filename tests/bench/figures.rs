//! What was measured, and how it is told.

use std::time::Duration;

use serde::Serialize;

/// One figure with what it is held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Bar {
    /// Which bar, in words.
    pub(crate) name: String,
    /// The unit of both values.
    pub(crate) unit: &'static str,
    /// What the product takes.
    pub(crate) measured: f64,
    /// What it is held against.
    pub(crate) against: f64,
    /// What that is, in words.
    pub(crate) against_what: String,
    /// The first divided by the second.
    pub(crate) ratio: f64,
    /// What the ratio should not pass.
    pub(crate) aim: f64,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

impl Bar {
    /// A bar of this name.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, measured: f64) -> Self {
        Self {
            name: name.into(),
            unit,
            measured,
            against: 0.0,
            against_what: String::new(),
            ratio: f64::NAN,
            aim: 1.0,
            note: None,
        }
    }

    /// Held against `against`, with `aim` times of it allowed.
    pub(crate) fn against(mut self, what: &str, against: f64, aim: f64) -> Self {
        self.against = against;
        what.clone_into(&mut self.against_what);
        self.ratio = self.measured / against;
        self.aim = aim;
        self
    }

    /// Adds a note.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// Times of the same thing, done again and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Adds one.
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
        self.0.sort_unstable();
    }

    /// The time that `share` of a hundred do not pass, in milliseconds.
    pub(crate) fn percentile_ms(&self, share: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (self.0.len() * share).div_ceil(100).saturating_sub(1);
        let time = self.0.get(at.min(last)).copied().unwrap_or_default();
        time.as_secs_f64() * 1000.0
    }
}
