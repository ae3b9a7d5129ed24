//! Remembers which service this app started, over the app's own end.

use std::path::PathBuf;

use crate::place::Place;

/// The process id of the service that this app started last, 0 without one.
pub(super) fn remembered(place: &Place) -> u32 {
    std::fs::read_to_string(memory(place))
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

/// Remembers that this app started the service with this process id.
pub(super) fn remember(place: &Place, pid: u32) {
    if let Err(error) = std::fs::write(memory(place), pid.to_string()) {
        tracing::debug!(%error, "who started the service is forgotten with this app");
    }
}

fn memory(place: &Place) -> PathBuf {
    place.runtime().join("own-service")
}
