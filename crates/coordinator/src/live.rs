//! Live events: what changed in a workspace, told to everybody who looks at it.
//!
//! The first change after a silence is told at once, those that follow closely
//! are gathered and told together, all readers at the same moment: so a page
//! fetches at most once a second, and what all of them fetch is computed once. A
//! reader that falls behind is told [`Change::Everything`]; nobody who publishes
//! ever waits for a reader.

mod gather;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{
    api::Change,
    ids::{AccountId, WorkspaceId},
};
use tokio::{
    sync::{Notify, broadcast},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

pub(crate) use gather::Batch;
use gather::{Gathered, Logs};

use crate::relay::Relay;

/// How many batches a reader may be behind before it misses some.
const BACKLOG_BATCHES_MAX: usize = 16;
/// How long after a telling the next one comes at the earliest.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// The same for logs, which people read as they grow.
const TELL_LOGS_EVERY: Duration = Duration::from_millis(250);

/// Where changes are published and listened to.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveBus(Arc<Bus>);

#[derive(Debug, Default)]
struct Bus {
    channels: Mutex<Channels>,
    /// Tells those who listen at other coordinators.
    relay: Relay,
    /// There is something that cannot be told yet.
    waits: Notify,
}

#[derive(Debug, Default)]
struct Channels {
    last_n: u64,
    by_workspace: HashMap<WorkspaceId, Channel>,
}

#[derive(Debug)]
struct Channel {
    sender: broadcast::Sender<Arc<Batch>>,
    gathered: Gathered,
    tell_at: Instant,
    logs: Logs,
    tell_logs_at: Instant,
    marks: Marks,
}

/// How far the changes of a workspace have come, for whoever keeps something computed from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Rises with each change but those of logs.
    pub(crate) changed: u64,
    /// Rises whenever readers are told of such changes.
    pub(crate) told: u64,
    /// Rises with each change that whoever made it must find done at once.
    pub(crate) demanded: u64,
}

impl LiveBus {
    /// A bus whose changes other coordinators hear as well.
    pub(crate) fn with(relay: Relay) -> Self {
        Self(Arc::new(Bus {
            relay,
            ..Bus::default()
        }))
    }

    /// Tells the readers of `workspace`: at once, or soon and together with what follows.
    pub(crate) fn publish(&self, workspace: WorkspaceId, change: Change) {
        self.0.relay.change(workspace, change);
        self.publish_here(workspace, change);
    }

    /// The same, to those who listen here.
    pub(crate) fn publish_here(&self, workspace: WorkspaceId, change: Change) {
        let now = Instant::now();
        let mut channels = self.channels();
        let last_n = channels.last_n;
        let channel = channels.of(workspace, now);
        if let Change::Log {
            job_id,
            attempt_id,
            last,
        } = change
        {
            channel.logs.add(job_id, attempt_id, last);
        } else {
            channel.gathered.add(change);
            channel.marks.changed += 1;
            // Who is a member shows at once.
            channel.marks.demanded += u64::from(change == Change::Workspace);
        }
        channels.last_n = self.tell_or_wait(workspace, &mut channels, last_n, now);
    }

    /// What is computed of `workspace` from now on must have this in it, however soon it is asked for.
    pub(crate) fn demand(&self, workspace: WorkspaceId) {
        self.0.relay.demand(workspace);
        self.demand_here(workspace);
    }

    /// The same, of what is computed here.
    pub(crate) fn demand_here(&self, workspace: WorkspaceId) {
        let now = Instant::now();
        self.channels().of(workspace, now).marks.demanded += 1;
    }

    /// Tells one account, wherever it listens, that there is something new to read.
    pub(crate) fn notify(&self, account: AccountId) {
        self.0.relay.account(account);
        self.notify_here(account);
    }

    /// Tells everybody who listens here that something may have been missed.
    pub(crate) fn everything_here(&self) {
        let listened: Vec<WorkspaceId> = self.channels().by_workspace.keys().copied().collect();
        for workspace in listened {
            self.demand_here(workspace);
            self.publish_here(workspace, Change::Everything);
        }
    }

    /// The same as [`Self::notify`], where it listens here.
    pub(crate) fn notify_here(&self, account: AccountId) {
        let now = Instant::now();
        let mut channels = self.channels();
        let listened: Vec<WorkspaceId> = channels
            .by_workspace
            .iter()
            .filter(|(_, channel)| channel.sender.receiver_count() > 0)
            .map(|(workspace, _)| *workspace)
            .collect();
        for workspace in listened {
            let last_n = channels.last_n;
            channels.of(workspace, now).gathered.notify(account);
            channels.last_n = self.tell_or_wait(workspace, &mut channels, last_n, now);
        }
    }

    fn tell_or_wait(
        &self,
        workspace: WorkspaceId,
        channels: &mut Channels,
        last_n: u64,
        now: Instant,
    ) -> u64 {
        let channel = channels.of(workspace, now);
        let last_n = channel.tell_what_is_due(last_n, now);
        if channel.next_due().is_some() {
            self.0.waits.notify_one();
        }
        last_n
    }

    /// Listens to `workspace` from now on.
    pub(crate) fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Arc<Batch>> {
        let now = Instant::now();
        self.channels().of(workspace, now).sender.subscribe()
    }

    /// How far the changes of `workspace` have come.
    pub(crate) fn marks(&self, workspace: WorkspaceId) -> Marks {
        let channels = self.channels();
        let channel = channels.by_workspace.get(&workspace);
        channel.map_or_else(Marks::default, |channel| channel.marks)
    }

    /// Tells what had to wait, when its time has come; ends when the coordinator stops.
    pub(crate) async fn tell(self, stopping: CancellationToken) {
        loop {
            let due = self.next_due();
            let wait = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = wait => self.tell_all_due(),
                () = self.0.waits.notified() => {}
                () = stopping.cancelled() => return,
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let channels = self.channels();
        let due = channels.by_workspace.values().filter_map(Channel::next_due);
        due.min()
    }

    fn tell_all_due(&self) {
        let now = Instant::now();
        let mut channels = self.channels();
        let mut last_n = channels.last_n;
        for channel in channels.by_workspace.values_mut() {
            last_n = channel.tell_what_is_due(last_n, now);
        }
        channels.last_n = last_n;
    }

    fn channels(&self) -> MutexGuard<'_, Channels> {
        self.0
            .channels
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channels {
    fn of(&mut self, workspace: WorkspaceId, now: Instant) -> &mut Channel {
        self.by_workspace
            .entry(workspace)
            .or_insert_with(|| Channel {
                sender: broadcast::channel(BACKLOG_BATCHES_MAX).0,
                gathered: Gathered::default(),
                tell_at: now,
                logs: Logs::default(),
                tell_logs_at: now,
                marks: Marks::default(),
            })
    }
}

impl Channel {
    fn next_due(&self) -> Option<Instant> {
        let changes = (!self.gathered.is_empty()).then_some(self.tell_at);
        let logs = (!self.logs.is_empty()).then_some(self.tell_logs_at);
        changes.into_iter().chain(logs).min()
    }

    /// Tells what may be told now; the newest number afterwards.
    fn tell_what_is_due(&mut self, mut last_n: u64, now: Instant) -> u64 {
        if !self.gathered.is_empty() && self.tell_at <= now {
            last_n += 1;
            self.tell_at = now + TELL_EVERY;
            self.marks.told += 1;
            let gathered = std::mem::take(&mut self.gathered);
            self.send(gathered.tell(last_n));
        }
        if !self.logs.is_empty() && self.tell_logs_at <= now {
            last_n += 1;
            self.tell_logs_at = now + TELL_LOGS_EVERY;
            let logs = std::mem::take(&mut self.logs);
            self.send(logs.tell(last_n));
        }
        last_n
    }

    fn send(&self, batch: Batch) {
        // Nobody listens: whoever comes later fetches everything anyway.
        self.sender.send(Arc::new(batch)).ok();
    }
}

#[cfg(test)]
mod tests;
