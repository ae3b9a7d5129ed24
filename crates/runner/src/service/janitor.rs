//! Cleaning up: what is over and handed over is put aside after a while, and deleted after another.
//!
//! The rule is `lifecycle::tidy`. What proves that nothing is lost stands in the
//! attempt's own folder, written once the coordinator had acknowledged everything.
//! An entry that resists is left and told of; it holds up no other.

mod aside;
mod remove;
mod space;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use lifecycle::tidy::Clock;
use protocol::{
    ids::{AttemptId, JobId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::shared::Shared;
use crate::{clock, folder::AttemptFolder};

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// Time between two looks at whether the calendar can be believed yet.
const WAIT_FOR_CALENDAR: Duration = Duration::from_secs(30);
/// Stands for a calendar that nothing is known of.
pub(crate) const UNKNOWN_MS: u64 = u64::MAX;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The proof that everything of an attempt is with the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HandedOver {
    /// When the last of it was acknowledged.
    pub(crate) at: Timestamp,
    /// Of which job.
    pub(crate) job_id: JobId,
    /// The folder in which its agent worked.
    pub(crate) job_folder: Option<PathBuf>,
}

/// What a look at the folders goes by.
#[derive(Debug, Clone)]
struct Ground {
    data: PathBuf,
    workspace_dir: Option<PathBuf>,
    /// None for ever.
    keep_ms: Option<u64>,
    aside_ms: u64,
    clock: Clock,
    held: BTreeSet<AttemptId>,
}

impl Ground {
    fn of(shared: &Shared) -> Self {
        let settings = shared.settings();
        let days = |days: u32| u64::from(days) * DAY_MS;
        let apart_ms = shared.calendars_apart_ms.load(Ordering::Relaxed);
        Self {
            data: shared.data.clone(),
            workspace_dir: settings.workspace_dir.clone(),
            keep_ms: (settings.space.keep_days > 0).then(|| days(settings.space.keep_days)),
            aside_ms: days(settings.space.aside_days),
            clock: Clock {
                now: clock::now(),
                apart_ms: (apart_ms != UNKNOWN_MS).then_some(apart_ms),
            },
            held: shared
                .attempts
                .all()
                .iter()
                .map(|entry| entry.id())
                .collect(),
        }
    }

    fn record(&self, id: AttemptId) -> AttemptFolder {
        AttemptFolder::of(&self.data, id)
    }
}

/// Looks every hour, as soon as a coordinator has said what time it is.
pub(crate) async fn run(shared: Arc<Shared>) {
    loop {
        let ground = Ground::of(&shared);
        let known = ground.clock.apart_ms.is_some();
        if known {
            look(&shared, ground).await;
        }
        tokio::time::sleep(if known { LOOK_EVERY } else { WAIT_FOR_CALENDAR }).await;
    }
}

async fn look(shared: &Shared, ground: Ground) {
    let looked = tokio::task::spawn_blocking(move || {
        let swept = aside::sweep(&ground);
        (swept, space::of(&ground))
    });
    match looked.await {
        Ok((swept, used)) => {
            if swept.put_aside + swept.deleted > 0 {
                let (put_aside, deleted) = (swept.put_aside, swept.deleted);
                tracing::info!(put_aside, deleted, "cleaned up");
            }
            for left in swept.left {
                tracing::warn!("{left}");
            }
            shared.board.update(|state| state.space_used = Some(used));
        }
        Err(error) => tracing::error!(%error, "the look at what is over broke off"),
    }
}
