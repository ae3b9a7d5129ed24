//! `[plans]` and `[plan_of]`: what accounts may use.

use std::collections::BTreeMap;

use lifecycle::limits::JobLimits;
use serde::Deserialize;
use store::MonthlyQuotas;

use super::ConfigError;

/// The plan of everybody when the settings name no other: without limits.
const GENEROUS: &str = "generous";
static NO_LIMITS: Plan = Plan {
    runners: None,
    concurrent_jobs: None,
    monthly_jobs: None,
    storage_bytes: None,
};

/// What an account may use; no limit where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plan {
    /// Runners that it has.
    pub(crate) runners: Option<u64>,
    /// Jobs of its own that are under way at once.
    pub(crate) concurrent_jobs: Option<u64>,
    /// Jobs that it submits in a month.
    pub(crate) monthly_jobs: Option<u64>,
    /// Bytes of files in the workspaces that it owns.
    pub(crate) storage_bytes: Option<u64>,
}

/// The plans that there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Plans {
    /// The plan of whoever is not named in `[plan_of]`.
    default: Option<String>,
    #[serde(flatten)]
    named: BTreeMap<String, Plan>,
}

/// Which account has which plan: names of plans by e-mail address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct PlanOf(BTreeMap<String, String>);

/// The plans with who has which.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanBook<'a> {
    plans: &'a Plans,
    plan_of: &'a PlanOf,
}

impl<'a> PlanBook<'a> {
    pub(super) const fn new(plans: &'a Plans, plan_of: &'a PlanOf) -> Self {
        Self { plans, plan_of }
    }

    /// The name of an account's plan, and what it allows.
    pub(crate) fn of(self, email: &str) -> (&'a str, &'a Plan) {
        let email = email.to_lowercase();
        let assigned = self.plan_of.0.iter();
        let own = assigned
            .filter(|(address, _)| address.to_lowercase() == email)
            .find_map(|(_, name)| self.plans.get(name));
        let default = self.plans.default.as_deref();
        own.or_else(|| default.and_then(|name| self.plans.get(name)))
            .unwrap_or((GENEROUS, &NO_LIMITS))
    }

    /// What counts for the jobs of a submitter in a workspace of an owner.
    pub(crate) fn job_limits(self, submitter: &str, owner: &str) -> JobLimits {
        let (_, own) = self.of(submitter);
        let (_, owners) = self.of(owner);
        JobLimits {
            concurrent_jobs: own.concurrent_jobs,
            monthly_jobs: own.monthly_jobs,
            storage_bytes: owners.storage_bytes,
        }
    }

    /// How many jobs people may submit in a month.
    pub(crate) fn monthly_quotas(self) -> MonthlyQuotas {
        let addresses = self.plan_of.0.keys();
        MonthlyQuotas {
            default: self.of("").1.monthly_jobs,
            by_email: addresses
                .map(|email| (email.to_lowercase(), self.of(email).1.monthly_jobs))
                .collect(),
        }
    }

    /// Whether any plan limits storage.
    pub(crate) fn limit_storage(self) -> bool {
        let mut plans = self.plans.named.values();
        plans.any(|plan| plan.storage_bytes.is_some())
    }

    /// Refuses names of plans that there are not.
    pub(super) fn check(self) -> Result<(), ConfigError> {
        let default = self
            .plans
            .default
            .iter()
            .map(|name| ("plans.default", name));
        let assigned = self.plan_of.0.values().map(|name| ("plan_of", name));
        for (setting, name) in default.chain(assigned) {
            if self.plans.get(name).is_none() {
                return Err(ConfigError::Setting {
                    setting,
                    reason: format!("there is no plan `{name}`; add a section `[plans.{name}]`"),
                });
            }
        }
        Ok(())
    }
}

impl Plans {
    fn get(&self, name: &str) -> Option<(&str, &Plan)> {
        self.named
            .get_key_value(name)
            .map(|(name, plan)| (name.as_str(), plan))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Config;

    const SETTINGS: &str = r#"
        [plans]
        default = "small"

        [plans.small]
        runners = 2
        concurrent_jobs = 3
        monthly_jobs = 10
        storage_bytes = 1000

        [plans.large]
        monthly_jobs = 100

        [plan_of]
        "Ada@Example.org" = "large"
    "#;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("coordinator.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn everybody_has_the_plan_that_names_them_or_the_default() {
        let config = parse(SETTINGS).unwrap();
        let book = config.plans();
        assert_eq!(book.of("ada@example.org").0, "large");
        assert_eq!(book.of("bea@example.org").0, "small");
        let limits = book.job_limits("ADA@example.org", "bea@example.org");
        assert_eq!(
            (limits.concurrent_jobs, limits.monthly_jobs),
            (None, Some(100)),
            "the submitter's"
        );
        assert_eq!(limits.storage_bytes, Some(1000), "the workspace owner's");
        assert!(book.limit_storage());
        let quotas = book.monthly_quotas();
        assert_eq!(quotas.default, Some(10));
        assert_eq!(quotas.by_email["ada@example.org"], Some(100));
    }

    #[test]
    fn without_settings_there_are_no_limits() {
        let config = parse("").unwrap();
        let (name, plan) = config.plans().of("ada@example.org");
        assert_eq!(name, "generous");
        assert_eq!(*plan, super::Plan::default());
    }

    #[test]
    fn a_plan_that_is_not_there_or_not_understood_is_named() {
        let missing = parse("[plans]\ndefault = \"gold\"\n").unwrap_err();
        assert!(missing.contains("plans.default"), "{missing}");
        assert!(missing.contains("[plans.gold]"), "{missing}");
        let missing = parse("[plan_of]\n\"a@b.c\" = \"gold\"\n").unwrap_err();
        assert!(missing.contains("plan_of"), "{missing}");
        let unknown = parse("[plans.small]\nrunner = 2\n").unwrap_err();
        assert!(unknown.contains("unknown field `runner`"), "{unknown}");
    }
}
