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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(boot_number: u64, boot: u128, seq: u64) -> Position {
        Position {
            boot_number,
            boot_id: BootId(Uuid::from_u128(boot)),
            seq,
        }
    }

    #[test]
    fn only_the_newest_of_the_newest_start_counts() {
        let newest = Some(at(3, 30, 10));
        for (incoming, verdict) in [
            (at(3, 30, 11), Ok(Standing::Newer)),
            (at(3, 30, 10), Ok(Standing::Repeated)),
            (at(3, 30, 9), Err(Refused::Stale)),
            (at(4, 40, 1), Ok(Standing::NewBoot)),
            (at(2, 20, 99), Err(Refused::Superseded)),
            // A copy of the data directory, started as often.
            (at(3, 31, 99), Err(Refused::Superseded)),
        ] {
            assert_eq!(judge(newest, incoming), verdict, "{incoming:?}");
        }
        assert_eq!(judge(None, at(1, 1, 1)), Ok(Standing::NewBoot));
    }

    proptest! {
        /// In whatever order and however often syncs of one runner arrive, the accepted ones
        /// never go back, and the newest of all is among them.
        #[test]
        fn accepted_syncs_never_go_back(
            mut arrivals in prop::collection::vec((1..4_u64, 1..6_u64), 1..40)
        ) {
            let mut newest: Option<Position> = None;
            for (boot, seq) in &arrivals {
                let incoming = at(*boot, u128::from(*boot), *seq);
                if judge(newest, incoming).is_ok() {
                    if let Some(before) = newest {
                        prop_assert!(
                            (before.boot_number, before.seq) <= (incoming.boot_number, incoming.seq)
                                || before.boot_number < incoming.boot_number
                        );
                    }
                    newest = Some(incoming);
                }
            }
            arrivals.sort_unstable();
            let last = newest.map(|position| (position.boot_number, position.seq));
            prop_assert_eq!(last, arrivals.last().copied());
        }
    }
}
