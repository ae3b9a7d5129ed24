//! Which sync of a runner counts: the newest of the newest start of its service.
//!
//! Syncs can arrive late, twice, or from a copy of the same data directory. The
//! runner's row keeps the newest position; only a sync at or past it speaks for
//! the runner.

use protocol::{error::ErrorCode, ids::BootId, runner::SyncRequest};

/// A sync's place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Counts the service's starts on its data directory.
    pub boot_number: u64,
    /// Which start.
    pub boot_id: BootId,
    /// Rises with every sync of this start.
    pub seq: u64,
}

impl Position {
    /// The place of `sync`.
    pub const fn of(sync: &SyncRequest) -> Self {
        Self {
            boot_number: sync.boot_number,
            boot_id: sync.boot_id,
            seq: sync.seq,
        }
    }
}

/// How a sync that counts stands to the newest one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The first of a start of the service.
    NewBoot,
    /// Newer than all before.
    Newer,
    /// The newest one once more; answering it again changes nothing.
    Repeated,
}

/// Why a sync does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A newer one of the same start has been seen.
    #[error("a newer sync of this runner has been seen; this one changed nothing")]
    Stale,
    /// A newer start, or a copy of the data directory that started first, has taken over.
    #[error("another start of this runner has taken over")]
    Superseded,
}

impl Refused {
    /// The code by which the sync is answered.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Stale => ErrorCode::StaleSync,
            Self::Superseded => ErrorCode::RunnerSuperseded,
        }
    }
}

/// Judges `incoming` against the newest position that was seen.
pub fn judge(newest: Option<Position>, incoming: Position) -> Result<Standing, Refused> {
    let Some(newest) = newest else {
        return Ok(Standing::NewBoot);
    };
    if incoming.boot_number > newest.boot_number {
        return Ok(Standing::NewBoot);
    }
    if incoming.boot_number < newest.boot_number || incoming.boot_id != newest.boot_id {
        return Err(Refused::Superseded);
    }
    match incoming.seq.cmp(&newest.seq) {
        std::cmp::Ordering::Greater => Ok(Standing::Newer),
        std::cmp::Ordering::Equal => Ok(Standing::Repeated),
        std::cmp::Ordering::Less => Err(Refused::Stale),
    }
}
