//! `[jobs]`: what holds for every job.

use std::{collections::BTreeMap, num::NonZeroU64};

use protocol::limits::{DEADLINE_S_MAX, DEADLINE_S_MIN};
use serde::Deserialize;

use super::{ConfigError, DAY_S, seconds};

/// What holds for every job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct JobsConfig {
    /// How long an attempt may take when its job does not say so.
    deadline_s: NonZeroU64,
    /// The same, for the workspaces with these short names.
    workspace_deadline_s: BTreeMap<String, NonZeroU64>,
}

impl Default for JobsConfig {
    fn default() -> Self {
        Self {
            // An agent may wait for days until it may go on.
            deadline_s: seconds(7 * DAY_S),
            workspace_deadline_s: BTreeMap::new(),
        }
    }
}

impl JobsConfig {
    /// The deadline of jobs that do not say one, in this workspace.
    pub(crate) fn deadline_s(&self, workspace: &str) -> u64 {
        let own = self.workspace_deadline_s.get(workspace);
        own.copied().unwrap_or(self.deadline_s).get()
    }

    /// The deadline of jobs that were submitted before there were any.
    pub(crate) const fn default_deadline_ms(&self) -> u64 {
        self.deadline_s.get().saturating_mul(1_000)
    }

    /// Refuses what no job could ask for.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let all = self.workspace_deadline_s.values().chain([&self.deadline_s]);
        for seconds in all {
            if !(DEADLINE_S_MIN..=DEADLINE_S_MAX).contains(&seconds.get()) {
                return Err(ConfigError::Setting {
                    setting: "[jobs] deadline_s",
                    reason: format!(
                        "{seconds} s is not possible; give {DEADLINE_S_MIN} to {DEADLINE_S_MAX}"
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
    fn a_workspace_may_have_a_deadline_of_its_own() {
        let jobs: JobsConfig =
            toml::from_str("deadline_s = 100\nworkspace_deadline_s = { lab = 60 }").unwrap();
        assert_eq!((jobs.deadline_s("lab"), jobs.deadline_s("team")), (60, 100));
        assert!(jobs.check().is_ok());
        let short: JobsConfig = toml::from_str("workspace_deadline_s = { lab = 59 }").unwrap();
        assert!(short.check().is_err());
        assert!(JobsConfig::default().check().is_ok());
    }
}
