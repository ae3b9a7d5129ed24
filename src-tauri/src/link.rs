//! How this app stands with the runner service of this machine.

use std::sync::Arc;

use control::state::ServiceState;
use serde::Serialize;

/// How this app stands with the service.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "link", rename_all = "snake_case")]
pub(crate) enum Link {
    /// The service is being started or looked for.
    Starting,
    /// The service answers.
    Running {
        /// What it says of itself.
        state: Arc<ServiceState>,
    },
    /// The service was told to stop, and did.
    Stopped,
    /// The service cannot be started or keeps dying; another try follows by itself.
    Broken {
        /// What happened, why, and what to do.
        message: String,
    },
}

impl Link {
    /// The service's state, while it answers.
    pub(crate) fn state(&self) -> Option<&ServiceState> {
        match self {
            Self::Running { state } => Some(state),
            Self::Starting | Self::Stopped | Self::Broken { .. } => None,
        }
    }

    /// Whether jobs run on this machine now.
    pub(crate) fn has_jobs(&self) -> bool {
        self.state().is_some_and(|state| !state.attempts.is_empty())
    }
}
