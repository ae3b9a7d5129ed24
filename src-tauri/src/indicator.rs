//! What the tray's icon says: one of nine states, chosen by what matters most.

use control::state::{Connection, CredentialStore, ServiceState};

use crate::link::Link;

/// The nine states of the icon, each with a shape of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Indicator {
    /// Nobody is signed in.
    SignedOut,
    /// On the way to the coordinator, or to the service.
    Connecting,
    /// Ready for jobs.
    Ready,
    /// Jobs run.
    Working,
    /// An approval or a question waits.
    NeedsYou,
    /// Takes no new jobs.
    Paused,
    /// The coordinator is out of reach.
    Offline,
    /// Something has to be put right by a person.
    Error,
    /// The service is older than this app.
    Update,
}

impl Indicator {
    /// Every state.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 9] = [
        Self::SignedOut,
        Self::Connecting,
        Self::Ready,
        Self::Working,
        Self::NeedsYou,
        Self::Paused,
        Self::Offline,
        Self::Error,
        Self::Update,
    ];

    /// The state that `link` calls for, seen by an app of version `app`.
    pub(crate) fn of(link: &Link, app: &str) -> Self {
        match link {
            Link::Starting => Self::Connecting,
            Link::Stopped => Self::Paused,
            Link::Broken { .. } => Self::Error,
            Link::Running { state } => Self::of_state(state, app),
        }
    }

    fn of_state(state: &ServiceState, app: &str) -> Self {
        if needs_a_fix(state) {
            return Self::Error;
        }
        if waiting(state) > 0 {
            return Self::NeedsYou;
        }
        match state.connection {
            Connection::SignedOut { .. } if state.attempts.is_empty() => return Self::SignedOut,
            Connection::SigningIn { .. } | Connection::Connecting if state.attempts.is_empty() => {
                return Self::Connecting;
            }
            Connection::Offline { .. } => return Self::Offline,
            _ => {}
        }
        if !state.attempts.is_empty() {
            Self::Working
        } else if state.paused.is_some() || state.draining {
            Self::Paused
        } else if state.version != app {
            Self::Update
        } else {
            Self::Ready
        }
    }
}

/// How many approvals and questions wait for a person.
pub(crate) fn waiting(state: &ServiceState) -> usize {
    state.approvals.len() + state.questions.len()
}

/// Whether a person has to put something right before jobs can run.
pub(crate) fn needs_a_fix(state: &ServiceState) -> bool {
    match &state.connection {
        Connection::Removed | Connection::Superseded | Connection::VersionUnsupported { .. } => {
            true
        }
        // Before the first sign-in nothing is set up yet, and that is no error.
        Connection::SignedOut { .. } | Connection::SigningIn { .. } => keyring_is_locked(state),
        Connection::Connecting | Connection::Online | Connection::Offline { .. } => {
            keyring_is_locked(state) || !state.troubles.is_empty()
        }
    }
}

/// Whether the tokens cannot be read until a person unlocks the keyring.
pub(crate) fn keyring_is_locked(state: &ServiceState) -> bool {
    state.credentials == Some(CredentialStore::Locked)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sample;

    fn shown(change: impl FnOnce(&mut ServiceState)) -> Indicator {
        let mut state = sample::online();
        change(&mut state);
        let state = Arc::new(state);
        Indicator::of(&Link::Running { state }, "0.1.0")
    }

    #[test]
    fn what_needs_a_person_outranks_what_merely_goes_on() {
        assert_eq!(shown(|_| {}), Indicator::Ready);
        assert_eq!(
            shown(|state| state.attempts.push(sample::attempt())),
            Indicator::Working
        );
        let asking = |state: &mut ServiceState| {
            state.attempts.push(sample::attempt());
            state.approvals.push(sample::approval());
        };
        assert_eq!(shown(asking), Indicator::NeedsYou);
        let offline_and_asking = |state: &mut ServiceState| {
            asking(state);
            state.connection = sample::offline();
        };
        assert_eq!(shown(offline_and_asking), Indicator::NeedsYou);
        let broken_and_asking = |state: &mut ServiceState| {
            asking(state);
            state.troubles.push(sample::trouble());
        };
        assert_eq!(shown(broken_and_asking), Indicator::Error);
    }

    #[test]
    fn a_runner_that_works_offline_shows_offline() {
        let state = |state: &mut ServiceState| {
            state.attempts.push(sample::attempt());
            state.connection = sample::offline();
        };
        assert_eq!(shown(state), Indicator::Offline);
    }

    #[test]
    fn a_missing_directory_is_no_error_before_the_first_sign_in() {
        let fresh = |state: &mut ServiceState| {
            state.connection = Connection::SignedOut { because: None };
            state.troubles.push(sample::trouble());
        };
        assert_eq!(shown(fresh), Indicator::SignedOut);
    }

    #[test]
    fn a_service_of_another_version_waits_for_its_update() {
        assert_eq!(
            shown(|state| state.version = "0.0.9".to_owned()),
            Indicator::Update
        );
    }
}
