//! `[leases]`: for how long silence of a runner is borne.

use std::num::NonZeroU64;

use lifecycle::lease::LeaseTerms;
use serde::Deserialize;

use super::{ConfigError, seconds};

/// Below this, one slow answer would cost a job its runner.
const SECONDS_MIN: u64 = 6;
const SECONDS_MAX: u64 = 24 * 60 * 60;

/// For how long silence of a runner is borne; the same in every coordinator of a database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LeasesConfig {
    /// How long a runner holds a job from the sync that last confirmed it.
    lease_s: NonZeroU64,
    /// How long nobody else gets the job after that.
    grace_s: NonZeroU64,
}

impl Default for LeasesConfig {
    fn default() -> Self {
        let usual = LeaseTerms::default();
        Self {
            lease_s: seconds(usual.lease_ms / 1_000),
            grace_s: seconds(usual.grace_ms / 1_000),
        }
    }
}

impl LeasesConfig {
    /// The same, as the rules want it.
    pub(crate) const fn terms(&self) -> LeaseTerms {
        LeaseTerms {
            lease_ms: self.lease_s.get().saturating_mul(1_000),
            grace_ms: self.grace_s.get().saturating_mul(1_000),
        }
    }

    /// Refuses what would lose jobs that are well, or keep lost ones for ever.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let all = [
            ("[leases] lease_s", self.lease_s.get()),
            ("[leases] grace_s", self.grace_s.get()),
        ];
        for (setting, seconds) in all {
            if !(SECONDS_MIN..=SECONDS_MAX).contains(&seconds) {
                return Err(ConfigError::Setting {
                    setting,
                    reason: format!(
                        "{seconds} s is not possible; give {SECONDS_MIN} to {SECONDS_MAX}"
                    ),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(LeasesConfig::default().terms(), LeaseTerms::default());
        let short: LeasesConfig = toml::from_str("lease_s = 10").unwrap();
        assert_eq!(short.terms().lease_ms, 10_000);
        assert_eq!(short.terms().grace_ms, LeaseTerms::default().grace_ms);
        assert!(short.check().is_ok());
    }

    #[test]
    fn what_would_lose_jobs_that_are_well_is_refused() {
        for text in ["lease_s = 5", "grace_s = 1", "grace_s = 100000"] {
            let config: LeasesConfig = toml::from_str(text).unwrap();
            assert!(config.check().is_err(), "{text}");
        }
    }
}
