//! Live events: what changed in a workspace, told to everybody who looks at it.
//!
//! A bounded broadcast a workspace. A reader that falls behind misses events and
//! is told [`Change::Everything`]; nobody who publishes ever waits for a reader.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use protocol::{api::Change, ids::WorkspaceId};
use tokio::sync::broadcast;

/// How many events a reader may be behind before it misses some.
const BACKLOG_EVENTS_MAX: usize = 256;

/// One event with its number, which rises over all workspaces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered {
    /// The number.
    pub(crate) n: u64,
    /// What changed.
    pub(crate) change: Change,
}

/// Where changes are published and listened to.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveBus {
    next: Arc<AtomicU64>,
    channels: Arc<Mutex<HashMap<WorkspaceId, broadcast::Sender<Numbered>>>>,
}

impl LiveBus {
    /// Tells the readers of `workspace`, if there are any.
    pub(crate) fn publish(&self, workspace: WorkspaceId, change: Change) {
        let n = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = channels.get(&workspace)
            && sender.send(Numbered { n, change }).is_err()
        {
            channels.remove(&workspace);
        }
    }

    /// Listens to `workspace` from now on.
    pub(crate) fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Numbered> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels
            .entry(workspace)
            .or_insert_with(|| broadcast::channel(BACKLOG_EVENTS_MAX).0)
            .subscribe()
    }
}

#[cfg(test)]
mod tests {
    use protocol::ids::JobId;
    use uuid::Uuid;

    use super::*;

    fn workspace(n: u128) -> WorkspaceId {
        WorkspaceId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn only_readers_of_the_workspace_hear_of_a_change() {
        let bus = LiveBus::default();
        let mut here = bus.subscribe(workspace(1));
        let mut elsewhere = bus.subscribe(workspace(2));
        let change = Change::Job {
            job_id: JobId(Uuid::from_u128(9)),
        };
        bus.publish(workspace(1), change);
        assert_eq!(here.recv().await.unwrap().change, change);
        assert!(elsewhere.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_reader_that_falls_behind_is_told_so_and_goes_on() {
        let bus = LiveBus::default();
        let mut reader = bus.subscribe(workspace(1));
        for _ in 0..=BACKLOG_EVENTS_MAX {
            bus.publish(workspace(1), Change::Everything);
        }
        assert!(matches!(
            reader.recv().await,
            Err(broadcast::error::RecvError::Lagged(1))
        ));
        assert_eq!(reader.recv().await.unwrap().n, 2);
    }

    #[test]
    fn a_workspace_without_readers_keeps_no_channel() {
        let bus = LiveBus::default();
        drop(bus.subscribe(workspace(1)));
        bus.publish(workspace(1), Change::Everything);
        assert!(bus.channels.lock().unwrap().is_empty());
    }
}
