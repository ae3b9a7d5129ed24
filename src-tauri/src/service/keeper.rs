//! The loop that follows the service, and starts it when it does not run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use control::{Client, StopMark, message::Request};
use futures::StreamExt as _;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout},
};

use super::{Order, own, start};
use crate::{
    link::Link,
    place::Place,
    seat::{self, Role, Wish},
};

const LOOK_EVERY: Duration = Duration::from_secs(2);
const WINDOW_LOOKS_EVERY: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(8);
const BACKOFF_MAX: Duration = Duration::from_mins(1);
/// A service that lived this long was well.
const WELL_AFTER: Duration = Duration::from_secs(30);

/// Whether a process of the app looks after the service or only watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// The tray: starts the service and restarts it.
    Keeps,
    /// The window in a process of its own: leaves that to the tray.
    Watches,
}

/// Follows the service until it is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    place: Place,
    duty: Duty,
    links: watch::Sender<Link>,
    orders: mpsc::Receiver<Order>,
    own: Arc<AtomicU32>,
    mark: StopMark,
    renewing: bool,
}

/// How a connection to the service came to its end.
enum End {
    /// There was no service.
    Absent,
    /// It said that it finishes, and did.
    OnPurpose,
    /// It went away unannounced, after having lived so long.
    Died(Duration),
}

/// Why the service is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// Somebody wants it, whatever was wished before.
    Wanted,
    /// It should run and does not.
    Missing,
}

impl Keeper {
    pub(super) fn new(
        place: Place,
        duty: Duty,
        links: watch::Sender<Link>,
        orders: mpsc::Receiver<Order>,
        own: Arc<AtomicU32>,
    ) -> Self {
        let mark = StopMark::of(place.data());
        Self {
            place,
            duty,
            links,
            orders,
            own,
            mark,
            renewing: false,
        }
    }

    /// Follows the service for as long as the app lives.
    pub(crate) async fn keep(mut self) {
        let mut backoff = Duration::ZERO;
        let mut first = true;
        loop {
            let end = self.follow().await;
            match end {
                End::Died(lived) if lived < WELL_AFTER => backoff = longer(backoff),
                End::Died(_) | End::OnPurpose => backoff = Duration::ZERO,
                End::Absent => {}
            }
            // Whoever opens the app wants the service, even if it was stopped before.
            let wanted = self.renewing || (first && matches!(end, End::Absent));
            first = false;
            let told = matches!(end, End::OnPurpose);
            if self.duty == Duty::Watches {
                self.watch_for_one(told).await;
            } else if !wanted && (told || self.mark.is_set()) {
                backoff = Duration::ZERO;
                self.links.send_replace(Link::Stopped);
                self.wait_for_another().await;
            } else {
                let asked = self.wait(backoff).await;
                let reason = if wanted || asked {
                    Reason::Wanted
                } else {
                    Reason::Missing
                };
                if !self.start(reason).await {
                    backoff = longer(backoff);
                }
            }
            if self.links.is_closed() {
                return;
            }
        }
    }

    /// Passes on what the service says, until the connection ends.
    async fn follow(&mut self) -> End {
        let Ok(client) = Client::connect(self.place.data()).await else {
            return End::Absent;
        };
        let Ok(mut states) = client.watch().await else {
            return End::Absent;
        };
        let began = Instant::now();
        let mut draining = false;
        loop {
            tokio::select! {
                state = states.next() => match state {
                    Some(Ok(state)) => {
                        // Somebody wants the service to go on as it is.
                        self.renewing &= state.draining || !draining;
                        draining = state.draining;
                        self.links.send_replace(Link::Running { state: Arc::new(state) });
                    }
                    Some(Err(_)) | None => break,
                },
                order = self.orders.recv() => match order {
                    Some(Order::Renew) => {
                        self.renewing = true;
                        self.ask_to_finish().await;
                    }
                    Some(Order::Start) => {}
                    None => break,
                },
            }
        }
        if draining {
            End::OnPurpose
        } else {
            End::Died(began.elapsed())
        }
    }

    async fn ask_to_finish(&self) {
        let asked = async {
            let client = Client::connect(self.place.data()).await?;
            client.call(Request::Stop { now: false }).await
        };
        if let Ok(Err(error)) = timeout(PATIENCE, asked).await {
            tracing::warn!(%error, "the service could not be asked to finish");
        }
    }

    /// Starts the service, unless it was told to stop; says on the link why it
    /// does not run otherwise.
    async fn start(&mut self, reason: Reason) -> bool {
        if reason == Reason::Wanted {
            if let Err(error) = self.mark.clear() {
                tracing::warn!(%error, "the service will look as if it had been told to stop");
            }
        } else if self.mark.is_set() {
            return true;
        }
        self.renewing = false;
        self.links.send_if_modified(|link| {
            let changed = !matches!(link, Link::Starting | Link::Broken { .. });
            if changed {
                *link = Link::Starting;
            }
            changed
        });
        match start::start(&self.place, &self.mark).await {
            Ok(pid) => {
                if let Some(pid) = pid {
                    self.own.store(pid, Ordering::Relaxed);
                    own::remember(&self.place, pid);
                }
                true
            }
            Err(error) => {
                tracing::error!(%error, "the service does not run");
                let message = format!("{error} It is tried again by itself.");
                self.links.send_replace(Link::Broken { message });
                false
            }
        }
    }

    /// Waits, unless somebody asks for a start; says whether somebody did.
    async fn wait(&mut self, time: Duration) -> bool {
        if time.is_zero() {
            return false;
        }
        // A closed channel means that the app ends; then the wait is of no use.
        matches!(timeout(time, self.orders.recv()).await, Ok(Some(_)))
    }

    /// After a stop on purpose: until somebody starts the service again.
    async fn wait_for_another(&mut self) {
        loop {
            match timeout(LOOK_EVERY, self.orders.recv()).await {
                Ok(Some(_)) => {
                    self.start(Reason::Wanted).await;
                    return;
                }
                Ok(None) => return,
                Err(_) if self.answers().await => return,
                Err(_) => {}
            }
        }
    }

    /// In the window: the tray starts the service; say so when it does not come.
    ///
    /// `told` says that the last one was seen to stop on purpose.
    async fn watch_for_one(&mut self, mut told: bool) {
        let mut began = Instant::now();
        while !self.answers().await {
            if told || self.mark.is_set() {
                began = Instant::now();
                self.show(Link::Stopped);
            } else if began.elapsed() < PATIENCE {
                self.show(Link::Starting);
            } else {
                let message = "The runner service does not run. Start it again.".to_owned();
                self.show(Link::Broken { message });
            }
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(_) => {
                        told = false;
                        self.ask_the_tray().await;
                    }
                    None => return,
                },
                () = sleep(WINDOW_LOOKS_EVERY) => {}
            }
        }
    }

    /// Passes `next` on, if it says something new.
    fn show(&self, next: Link) {
        self.links.send_if_modified(|link| {
            let changed = *link != next;
            *link = next;
            changed
        });
    }

    async fn ask_the_tray(&mut self) {
        if seat::tell(&self.place, Role::Tray, &Wish::StartService)
            .await
            .is_err()
        {
            self.start(Reason::Wanted).await;
        }
    }

    async fn answers(&self) -> bool {
        Client::connect(self.place.data()).await.is_ok()
    }
}

fn longer(backoff: Duration) -> Duration {
    (backoff * 2).clamp(Duration::from_secs(1), BACKOFF_MAX)
}

#[cfg(test)]
mod tests;
