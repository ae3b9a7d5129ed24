//! What signals mean to the service in the foreground.
//!
//! Ctrl-C drains, a second one stops now: a person means the work. SIGTERM
//! comes from a service manager and means this process alone: it detaches.

use std::path::Path;

use control::message::Request;
use tokio::sync::mpsc;

use super::super::client;
use crate::{exit::Failure, output::Output};

/// Ctrl-C may be pressed faster than it is answered; further ones say nothing new.
const INTERRUPTS_WAITING_MAX: usize = 4;

/// Hears Ctrl-C, each time it is pressed.
pub(super) struct Interrupts(mpsc::Receiver<()>);

/// Begins to listen: for Ctrl-C, and for the request to go away.
#[cfg(unix)]
pub(super) fn listen() -> Result<(Interrupts, impl Future<Output = ()> + Send), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let hear = |kind| {
        signal(kind).map_err(|error| Failure::plain(format!("signals cannot be heard: {error}")))
    };
    let mut interrupt = hear(SignalKind::interrupt())?;
    let mut terminate = hear(SignalKind::terminate())?;
    let mut hang_up = hear(SignalKind::hangup())?;
    let (sender, receiver) = mpsc::channel(INTERRUPTS_WAITING_MAX);
    let terminated = async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = hang_up.recv() => return,
                _ = interrupt.recv() => {
                    // A full queue holds more wishes to stop than there are ways to.
                    sender.try_send(()).ok();
                }
            }
        }
    };
    Ok((Interrupts(receiver), terminated))
}

/// Begins to listen: for Ctrl-C, and for the request to go away.
#[cfg(not(unix))]
pub(super) fn listen() -> Result<(Interrupts, impl Future<Output = ()> + Send), Failure> {
    let (sender, receiver) = mpsc::channel(INTERRUPTS_WAITING_MAX);
    let terminated = async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            sender.try_send(()).ok();
        }
        std::future::pending::<()>().await;
    };
    Ok((Interrupts(receiver), terminated))
}

/// Asks the service to drain at the first Ctrl-C, and to stop now at the second.
pub(super) async fn stop_on_interrupts(output: Output, data: &Path, mut interrupts: Interrupts) {
    let mut now = false;
    while interrupts.0.recv().await.is_some() {
        output.message(if now {
            "Stopping now: the agents are ended."
        } else {
            "Finishing what runs; press Ctrl-C again to stop it now."
        });
        if let Err(failure) = client::call(data, Request::Stop { now }).await {
            output.failure(&failure);
        }
        now = true;
    }
    std::future::pending::<()>().await;
}
