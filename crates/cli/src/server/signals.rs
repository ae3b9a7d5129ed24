//! The signals that ask the coordinator to stop.

use crate::{exit::Failure, output::Output};

/// Listens before the server starts, so that no signal is missed.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Begins to listen.
    #[cfg(unix)]
    pub(super) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::plain(format!("signals cannot be heard: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Begins to listen.
    #[cfg(not(unix))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "listening can fail on other systems"
    )]
    pub(super) fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Comes back once somebody asked; says what happens then.
    pub(super) async fn asked_to_stop(mut self, output: Output) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        output.message("Stopping: what is under way may finish.");
    }
}
