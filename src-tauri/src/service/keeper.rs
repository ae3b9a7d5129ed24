//! The loop that follows the service, and starts it when it does not run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use control::{Client, message::Request};
use futures::StreamExt as _;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout},
};

use super::{Order, start};
use crate::{
    link::Link,
    place::Place,
    seat::{self, Role, Wish},
};

const LOOK_EVERY: Duration = Duration::from_secs(2);
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

impl Keeper {
    pub(super) fn new(
        place: Place,
        duty: Duty,
        links: watch::Sender<Link>,
        orders: mpsc::Receiver<Order>,
        own: Arc<AtomicU32>,
    ) -> Self {
        Self {
            place,
            duty,
            links,
            orders,
            own,
            renewing: false,
        }
    }

    /// Follows the service for as long as the app lives.
    pub(crate) async fn keep(mut self) {
        let mut backoff = Duration::ZERO;
        loop {
            let end = self.follow().await;
            let on_purpose = matches!(end, End::OnPurpose) && !self.renewing;
            match end {
                End::Died(lived) if lived < WELL_AFTER => backoff = longer(backoff),
                End::Died(_) | End::OnPurpose => backoff = Duration::ZERO,
                End::Absent => {}
            }
            if on_purpose {
                self.links.send_replace(Link::Stopped);
                self.wait_for_another().await;
            } else if self.duty == Duty::Watches {
                self.watch_for_one().await;
            } else {
                self.wait(backoff).await;
                if !self.start().await {
                    backoff = longer(backoff);
                    self.wait(backoff).await;
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

    /// Starts the service; says on the link why it does not run otherwise.
    async fn start(&mut self) -> bool {
        self.links.send_if_modified(|link| {
            let changed = !matches!(link, Link::Starting | Link::Broken { .. });
            if changed {
                *link = Link::Starting;
            }
            changed
        });
        match start::start(&self.place).await {
            Ok(pid) => {
                self.renewing = false;
                if let Some(pid) = pid {
                    self.own.store(pid, Ordering::Relaxed);
                    remember(&self.place, pid);
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

    /// Waits, unless somebody asks for a start.
    async fn wait(&mut self, time: Duration) {
        if time.is_zero() {
            return;
        }
        // A closed channel means that the app ends; then the wait is of no use.
        let _ = timeout(time, self.orders.recv()).await;
    }

    /// After a stop on purpose: until somebody starts the service again.
    async fn wait_for_another(&mut self) {
        loop {
            match timeout(LOOK_EVERY, self.orders.recv()).await {
                Ok(Some(_)) if self.duty == Duty::Keeps => {
                    self.start().await;
                    return;
                }
                Ok(Some(_)) => self.ask_the_tray().await,
                Ok(None) => return,
                Err(_) if self.answers().await => return,
                Err(_) => {}
            }
        }
    }

    /// In the window: the tray starts the service; say so when it does not come.
    async fn watch_for_one(&mut self) {
        let began = Instant::now();
        self.links.send_replace(Link::Starting);
        while !self.answers().await {
            if began.elapsed() > PATIENCE {
                let message = "The runner service does not run. Start it again.".to_owned();
                self.links.send_if_modified(|link| {
                    let changed = *link == Link::Starting;
                    *link = Link::Broken { message };
                    changed
                });
            }
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(_) => self.ask_the_tray().await,
                    None => return,
                },
                () = sleep(Duration::from_millis(250)) => {}
            }
        }
    }

    async fn ask_the_tray(&mut self) {
        if seat::tell(&self.place, Role::Tray, &Wish::StartService)
            .await
            .is_err()
        {
            self.start().await;
        }
    }

    async fn answers(&self) -> bool {
        Client::connect(self.place.data()).await.is_ok()
    }
}

fn longer(backoff: Duration) -> Duration {
    (backoff * 2).clamp(Duration::from_secs(1), BACKOFF_MAX)
}

fn memory(place: &Place) -> std::path::PathBuf {
    place.runtime().join("own-service")
}

/// The process id of the service that this app started last, 0 without one.
pub(super) fn remembered(place: &Place) -> u32 {
    std::fs::read_to_string(memory(place))
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

fn remember(place: &Place, pid: u32) {
    if let Err(error) = std::fs::write(memory(place), pid.to_string()) {
        tracing::debug!(%error, "who started the service is forgotten with this app");
    }
}
