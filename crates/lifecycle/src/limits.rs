//! What plans allow: which limit holds a Ready job back.

use protocol::{job::Hold, time::Timestamp};

use crate::month::Month;

/// Limits that count for a job; none where there is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobLimits {
    /// Jobs of the submitter that are under way at once.
    pub concurrent_jobs: Option<u64>,
    /// Jobs that the submitter may submit in a month.
    pub monthly_jobs: Option<u64>,
    /// Bytes of files in the workspaces of the workspace's owner.
    pub storage_bytes: Option<u64>,
}

/// What of these limits is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobUse {
    /// Jobs of the submitter that are under way.
    pub under_way: u64,
    /// When the job was submitted.
    pub submitted_at: Timestamp,
    /// The how many-th it was of the submitter's in that month.
    pub number_in_month: u64,
    /// Bytes of files in the workspaces of the workspace's owner.
    pub storage_bytes: u64,
}

/// The limit that holds the job back at `now`, the most lasting first.
pub fn held_by(limits: &JobLimits, used: &JobUse, now: Timestamp) -> Option<Hold> {
    let month = Month::of(now);
    if let Some(limit) = limits.monthly_jobs
        && month.holds(used.submitted_at)
        && used.number_in_month > limit
    {
        return Some(Hold::MonthlyQuota {
            limit,
            until: month.ends,
        });
    }
    if let Some(limit) = limits.storage_bytes
        && used.storage_bytes >= limit
    {
        return Some(Hold::StorageQuota { limit });
    }
    if let Some(limit) = limits.concurrent_jobs
        && used.under_way >= limit
    {
        return Some(Hold::ConcurrentJobs { limit });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: JobLimits = JobLimits {
        concurrent_jobs: Some(2),
        monthly_jobs: Some(5),
        storage_bytes: Some(100),
    };
    const FREE: JobUse = JobUse {
        under_way: 1,
        submitted_at: Timestamp(0),
        number_in_month: 5,
        storage_bytes: 99,
    };

    #[test]
    fn a_limit_holds_a_job_back_from_the_first_one_beyond_it() {
        let now = Timestamp(1);
        assert_eq!(held_by(&LIMITS, &FREE, now), None);
        let sixth = JobUse {
            number_in_month: 6,
            ..FREE
        };
        let full = JobUse {
            storage_bytes: 100,
            ..FREE
        };
        let busy = JobUse {
            under_way: 2,
            ..FREE
        };
        let until = Month::of(now).ends;
        assert_eq!(
            held_by(&LIMITS, &sixth, now),
            Some(Hold::MonthlyQuota { limit: 5, until })
        );
        assert_eq!(
            held_by(&LIMITS, &full, now),
            Some(Hold::StorageQuota { limit: 100 })
        );
        assert_eq!(
            held_by(&LIMITS, &busy, now),
            Some(Hold::ConcurrentJobs { limit: 2 })
        );
        for used in [sixth, full, busy] {
            assert_eq!(held_by(&JobLimits::default(), &used, now), None);
        }
    }

    #[test]
    fn the_monthly_limit_lifts_with_the_month() {
        let used = JobUse {
            number_in_month: 6,
            ..FREE
        };
        let end = Month::of(Timestamp(0)).ends;
        assert!(held_by(&LIMITS, &used, Timestamp(end.0 - 1)).is_some());
        assert_eq!(held_by(&LIMITS, &used, end), None);
    }
}
