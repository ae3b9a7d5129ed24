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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_new_is_taken_and_what_is_known_passed_over() {
        let taken = |skip, take, kept| Ok(Taken { skip, take, kept });
        assert_eq!(plan(0, 1..=3), taken(0, 3, 3));
        assert_eq!(plan(2, 1..=3), taken(2, 1, 3));
        assert_eq!(plan(3, 1..=3), taken(3, 0, 3));
        assert_eq!(plan(9, 1..=3), taken(3, 0, 9));
        assert_eq!(plan(4, []), taken(0, 0, 4));
        assert_eq!(plan(u64::MAX, [u64::MAX]), taken(1, 0, u64::MAX));
    }

    #[test]
    fn gaps_and_jumps_are_refused() {
        assert_eq!(plan(3, 5..=6), Err(Refused::Gap { expected: 4 }));
        assert_eq!(plan(0, [2]), Err(Refused::Gap { expected: 1 }));
        for numbers in [vec![1, 3], vec![1, 1], vec![2, 1], vec![u64::MAX, 0]] {
            assert!(matches!(
                plan(9, numbers),
                Err(Refused::NotConsecutive { .. })
            ));
        }
        assert!(plan(0, [0, 1]).is_err());
    }

    proptest! {
        /// Uploads of any pieces in any order, repeated at will, keep an exact prefix.
        #[test]
        fn pieces_in_any_order_keep_an_exact_prefix(
            pieces in prop::collection::vec((1..60_u64, 0..20_u64), 1..60)
        ) {
            let mut kept: Vec<u64> = Vec::new();
            for (first, more) in pieces {
                let numbers: Vec<u64> = (first..=first + more).collect();
                let known = kept.len() as u64;
                match plan(known, numbers.iter().copied()) {
                    Ok(taken) => {
                        kept.extend(&numbers[taken.skip..taken.skip + taken.take]);
                        prop_assert_eq!(taken.kept, kept.len() as u64);
                    }
                    Err(refused) => {
                        prop_assert!(first > known + 1);
                        prop_assert_eq!(refused, Refused::Gap { expected: known + 1 });
                    }
                }
                prop_assert!(kept.iter().copied().eq(1..=kept.len() as u64));
            }
        }
    }
}
