//! Limits on guessing: one bucket of failures an account, an address or a person.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use protocol::{error::ErrorCode, time::Timestamp};

use crate::error::{ApiError, ApiResult};

/// How many buckets of one kind are kept; the emptiest limits are forgotten first.
const BUCKETS_MAX: usize = 10_000;

/// How many failures are let pass at once, and how fast they are forgiven.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// Failures in a row.
    pub(crate) burst: u32,
    /// Time after which one is forgiven, in milliseconds.
    pub(crate) forgiven_after_ms: u64,
}

/// Counts failures of one kind by what they are counted for.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    rate: Rate,
    // When each bucket will have forgiven everything.
    clear_at: Arc<Mutex<HashMap<String, Timestamp>>>,
}

impl Bucket {
    /// An empty one.
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            clear_at: Arc::default(),
        }
    }

    /// Takes one try from `key`, or says for how many seconds there is none.
    ///
    /// The try is taken before it is made, so that many at once cannot slip through.
    pub(crate) fn take(&self, key: &str, now: Timestamp) -> Result<(), u64> {
        let mut clear_at = self.clear_at.lock().unwrap_or_else(PoisonError::into_inner);
        let from = clear_at.get(key).copied().unwrap_or(now).max(now);
        let next = from.plus_millis(self.rate.forgiven_after_ms);
        let full = u64::from(self.rate.burst) * self.rate.forgiven_after_ms;
        let over = next.millis_since(now).saturating_sub(full);
        if over > 0 {
            return Err(over.div_ceil(1000));
        }
        if clear_at.len() >= BUCKETS_MAX {
            make_room(&mut clear_at, now);
        }
        clear_at.insert(key.to_owned(), next);
        Ok(())
    }

    /// Gives a try back that turned out not to be a guess.
    pub(crate) fn give_back(&self, key: &str) {
        let mut clear_at = self.clear_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = clear_at.get_mut(key) {
            let back = i64::try_from(self.rate.forgiven_after_ms).unwrap_or(i64::MAX);
            *at = Timestamp(at.0.saturating_sub(back));
        }
    }

    /// [`Self::take`] with the refusal that a caller reads.
    pub(crate) fn take_or_refuse(&self, key: &str, now: Timestamp) -> ApiResult<()> {
        self.take(key, now).map_err(|seconds| {
            ApiError::new(ErrorCode::RateLimited, "There were too many tries.")
                .hint(format!("Wait {seconds} s and try again."))
                .retry_after(seconds)
        })
    }
}

/// Forgets what is forgiven; when that is nothing, the half that is closest to it.
fn make_room(clear_at: &mut HashMap<String, Timestamp>, now: Timestamp) {
    clear_at.retain(|_, at| *at > now);
    if clear_at.len() >= BUCKETS_MAX {
        let mut ends: Vec<_> = clear_at.values().copied().collect();
        let (_, middle, _) = ends.select_nth_unstable(BUCKETS_MAX / 2);
        let middle = *middle;
        clear_at.retain(|_, at| *at > middle);
    }
}

/// All limits of a coordinator.
#[derive(Debug, Clone)]
pub(crate) struct RateLimits {
    /// Wrong passwords for one e-mail address.
    pub(crate) account: Bucket,
    /// Wrong passwords from one network address.
    pub(crate) address: Bucket,
    /// Unknown user codes tried by one person.
    pub(crate) user_code: Bucket,
    /// Device authorizations begun from one network address.
    pub(crate) device: Bucket,
    /// Accounts made from one network address.
    pub(crate) sign_up: Bucket,
    /// Links for a new password asked for one e-mail address.
    pub(crate) reset_account: Bucket,
    /// Links for a new password asked from one network address.
    pub(crate) reset_address: Bucket,
    /// Sign-ins begun at the identity provider from one network address.
    pub(crate) provider: Bucket,
    /// Tokens of links tried from one network address.
    pub(crate) link: Bucket,
}

impl Default for RateLimits {
    fn default() -> Self {
        let bucket = |burst, forgiven_after_ms| {
            Bucket::new(Rate {
                burst,
                forgiven_after_ms,
            })
        };
        Self {
            account: bucket(10, 30_000),
            address: bucket(50, 5_000),
            user_code: bucket(10, 30_000),
            device: bucket(60, 1_000),
            sign_up: bucket(20, 60_000),
            reset_account: bucket(3, 10 * 60_000),
            reset_address: bucket(20, 60_000),
            provider: bucket(60, 2_000),
            link: bucket(30, 10_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket() -> Bucket {
        Bucket::new(Rate {
            burst: 3,
            forgiven_after_ms: 1_000,
        })
    }

    #[test]
    fn a_burst_passes_and_then_one_a_second() {
        let bucket = bucket();
        let now = Timestamp(5_000);
        for _ in 0..3 {
            assert_eq!(bucket.take("a", now), Ok(()));
        }
        assert_eq!(bucket.take("a", now), Err(1));
        assert_eq!(bucket.take("b", now), Ok(()));
        assert_eq!(bucket.take("a", now.plus_millis(1_000)), Ok(()));
        assert_eq!(bucket.take("a", now.plus_millis(1_000)), Err(1));
    }

    #[test]
    fn a_try_that_succeeded_does_not_count() {
        let bucket = bucket();
        for _ in 0..20 {
            assert_eq!(bucket.take("a", Timestamp(0)), Ok(()));
            bucket.give_back("a");
        }
    }

    #[test]
    fn many_keys_stay_bounded_and_the_worst_is_remembered() {
        let bucket = bucket();
        for _ in 0..3 {
            bucket.take("worst", Timestamp(0)).unwrap();
        }
        for n in 0..(2 * BUCKETS_MAX) {
            bucket.take(&n.to_string(), Timestamp(0)).unwrap();
        }
        assert!(bucket.clear_at.lock().unwrap().len() <= BUCKETS_MAX);
        assert!(bucket.take("worst", Timestamp(0)).is_err());
    }
}
