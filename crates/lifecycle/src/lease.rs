//! For how long silence of a runner is borne.

use protocol::limits::{LEASE_GRACE_MS, LEASE_MS};

/// Longest break of all coordinators that counts as none.
const BREAK_MS_MAX: u64 = 30_000;

/// How long a lease lasts, and how long nobody else gets the job after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTerms {
    /// How long a lease lasts, from the sync that renewed it.
    pub lease_ms: u64,
    /// Time after a lease's end before the job may be claimed anew.
    pub grace_ms: u64,
}

impl Default for LeaseTerms {
    fn default() -> Self {
        Self {
            lease_ms: LEASE_MS,
            grace_ms: LEASE_GRACE_MS,
        }
    }
}

impl LeaseTerms {
    /// Silence, from the last renewal, after which an attempt is lost.
    pub const fn patience_ms(self) -> u64 {
        self.lease_ms.saturating_add(self.grace_ms)
    }

    /// Silence of all coordinators after which time counts anew: well below the patience,
    /// since an outage that is not noticed would count against the runners.
    pub fn break_ms(self) -> u64 {
        (self.patience_ms() / 2).min(BREAK_MS_MAX)
    }

    /// Longest time for which a sync may be held open: a lease outlives a lost answer or two.
    pub const fn hold_ms_max(self) -> u64 {
        self.lease_ms / 3
    }
}

#[cfg(test)]
mod tests {
    use protocol::limits::SYNC_HOLD_MS;

    use super::*;

    #[test]
    fn the_usual_terms_are_those_of_the_protocol() {
        let usual = LeaseTerms::default();
        assert_eq!(usual.hold_ms_max(), SYNC_HOLD_MS);
        assert_eq!(usual.break_ms(), 30_000);
        assert_eq!(usual.patience_ms(), LEASE_MS + LEASE_GRACE_MS);
    }

    #[test]
    fn an_outage_is_noticed_before_anybody_is_found_lost() {
        for (lease_ms, grace_ms) in [(6_000, 6_000), (10_000, 240_000), (60_000, 6_000)] {
            let terms = LeaseTerms { lease_ms, grace_ms };
            assert!(terms.break_ms() < terms.patience_ms(), "{terms:?}");
        }
    }
}
