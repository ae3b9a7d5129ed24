//! Open pages: streams that fetch the list of runners when they are told of a change.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::coordinator::Coordinator;

/// A page fetches at most this often.
const FETCH_EVERY: Duration = Duration::from_secs(1);

/// What all pages together have had so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) events: u64,
    pub(super) fetched: u64,
}

#[derive(Debug, Default)]
struct Counters {
    events: AtomicU64,
    fetched: AtomicU64,
}

/// Pages that are open until they are closed.
pub(super) struct Tabs {
    open: JoinSet<Result<()>>,
    end: CancellationToken,
    counters: Arc<Counters>,
}

impl Tabs {
    /// Opens as many.
    pub(super) fn open(owner: &Arc<Coordinator>, count: usize) -> Self {
        let mut tabs = Self {
            open: JoinSet::new(),
            end: CancellationToken::new(),
            counters: Arc::default(),
        };
        for _ in 0..count {
            let (owner, counters) = (Arc::clone(owner), Arc::clone(&tabs.counters));
            let end = tabs.end.clone();
            tabs.open.spawn(async move {
                end.run_until_cancelled(look(owner, counters))
                    .await
                    .unwrap_or(Ok(()))
            });
        }
        tabs
    }

    pub(super) fn counted(&self) -> Counted {
        Counted {
            events: self.counters.events.load(Ordering::Relaxed),
            fetched: self.counters.fetched.load(Ordering::Relaxed),
        }
    }

    pub(super) async fn close(mut self) -> Result<()> {
        self.end.cancel();
        while let Some(closed) = self.open.join_next().await {
            closed??;
        }
        Ok(())
    }
}

/// Follows the stream, and fetches what it says to be out of date.
async fn look(owner: Arc<Coordinator>, counters: Arc<Counters>) -> Result<()> {
    let mut stream = owner.live().await?.bytes_stream();
    let mut tag = None;
    let mut not_before = Instant::now();
    loop {
        let mut outdated = false;
        // Everything that comes until the next fetch is allowed is answered by one.
        loop {
            tokio::select! {
                part = stream.next() => {
                    let part = part.context("the stream ended")??;
                    let told = std::str::from_utf8(&part)?.matches("event: change").count();
                    counters.events.fetch_add(u64::try_from(told)?, Ordering::Relaxed);
                    outdated |= told > 0;
                }
                () = sleep_until(not_before), if outdated => break,
            }
        }
        not_before = Instant::now() + FETCH_EVERY;
        if let Some((newer, _)) = owner.runners(tag.as_deref()).await? {
            tag = Some(newer);
        }
        counters.fetched.fetch_add(1, Ordering::Relaxed);
    }
}
