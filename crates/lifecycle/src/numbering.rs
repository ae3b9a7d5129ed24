//! Appending numbered entries so that none is lost and none is kept twice.
//!
//! Entries are numbered from 1 without gaps. An upload may repeat what is kept,
//! may overlap with it, and may go on after it; it may never leave a gap.

use protocol::error::ErrorCode;

/// What to do with an upload: pass over `skip` entries, keep the `take` after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Entries at the front that are kept already.
    pub skip: usize,
    /// Entries after those that are new.
    pub take: usize,
    /// Number of the last entry that is kept then.
    pub kept: u64,
}

/// Why an upload was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Entries before these have not arrived.
    #[error("entries before these are missing; send from number {expected}")]
    Gap {
        /// Number of the entry that has to come next.
        expected: u64,
    },
    /// The upload itself is not numbered 1, 2, 3 …
    #[error("the entries are not numbered one after another: {found} follows {after}")]
    NotConsecutive {
        /// The number before.
        after: u64,
        /// The number that should be one more.
        found: u64,
    },
}

impl Refused {
    /// The code by which the upload is answered.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Gap { .. } => ErrorCode::EntriesMissing,
            Self::NotConsecutive { .. } => ErrorCode::Invalid,
        }
    }
}

/// Plans an upload of entries with these `numbers`, where the last one kept is `kept`.
pub fn plan(kept: u64, numbers: impl IntoIterator<Item = u64>) -> Result<Taken, Refused> {
    let mut numbers = numbers.into_iter();
    let Some(first) = numbers.next() else {
        return Ok(Taken {
            skip: 0,
            take: 0,
            kept,
        });
    };
    if first == 0 {
        return Err(Refused::NotConsecutive { after: 0, found: 0 });
    }
    let mut last = first;
    let mut count = 1;
    for number in numbers {
        if last.checked_add(1) != Some(number) {
            return Err(Refused::NotConsecutive {
                after: last,
                found: number,
            });
        }
        last = number;
        count += 1;
    }
    if first - 1 > kept {
        return Err(Refused::Gap { expected: kept + 1 });
    }
    // `kept - (first - 1)` entries at the front are there already, at most all of them.
    let skip = usize::try_from(kept - (first - 1)).map_or(count, |known| known.min(count));
    Ok(Taken {
        skip,
        take: count - skip,
        kept: kept.max(last),
    })
}
