//! What this app has said already, so that it does not nag.

use serde::{Deserialize, Serialize};

use crate::place::Place;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    told_about_missing_tray: bool,
}

/// Whether the missing tray has not been told yet; from now on it has.
pub(super) fn first_time_without_tray(place: &Place) -> bool {
    let path = place.memory();
    let memory: Memory = std::fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    if memory.told_about_missing_tray {
        return false;
    }
    let memory = Memory {
        told_about_missing_tray: true,
    };
    let written = serde_json::to_vec(&memory)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&path, text));
    if let Err(error) = written {
        tracing::debug!(%error, "the hint will be shown once more");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_given_once_and_rubbish_on_the_disk_does_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::at(dir.path()).unwrap();
        std::fs::write(place.memory(), b"{not json").unwrap();
        assert!(first_time_without_tray(&place));
        assert!(!first_time_without_tray(&place));
    }
}
