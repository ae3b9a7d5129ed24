//! What has changed since the last telling, in as few words as can be.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use protocol::{
    api::Change,
    ids::{AccountId, AttemptId, JobId, RunnerId},
};

/// How many things of one kind are named; when more have changed, that is said instead.
pub(super) const NAMED_MAX: usize = 8;

/// Things of one kind that changed, by name or as many.
#[derive(Debug, Clone)]
struct Several<K, V> {
    named: BTreeMap<K, V>,
    many: bool,
}

impl<K: Ord, V> Several<K, V> {
    const fn new() -> Self {
        Self {
            named: BTreeMap::new(),
            many: false,
        }
    }

    fn add(&mut self, key: K, value: V) {
        if self.many {
            return;
        }
        self.named.insert(key, value);
        if self.named.len() > NAMED_MAX {
            self.named.clear();
            self.many = true;
        }
    }

    fn is_empty(&self) -> bool {
        self.named.is_empty() && !self.many
    }

    fn tell(self, told: &mut Vec<Change>, many: Change, one: impl Fn(K, V) -> Change) {
        if self.many {
            told.push(many);
        }
        told.extend(self.named.into_iter().map(|(key, value)| one(key, value)));
    }
}

/// Changes of a workspace that nobody was told of yet, but for logs.
#[derive(Debug, Clone)]
pub(super) struct Gathered {
    jobs: Several<JobId, ()>,
    runners: Several<RunnerId, ()>,
    workspace: bool,
    everything: bool,
    notified: BTreeSet<AccountId>,
}

/// Logs of a workspace that grew.
#[derive(Debug, Clone)]
pub(super) struct Logs(Several<AttemptId, (JobId, u64)>);

/// What streams are told at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The number of its last change.
    pub(crate) n: u64,
    /// For everybody.
    pub(crate) changes: Vec<Change>,
    /// Accounts that have something new to read in the app.
    pub(crate) notified: BTreeSet<AccountId>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            jobs: Several::new(),
            runners: Several::new(),
            workspace: false,
            everything: false,
            notified: BTreeSet::new(),
        }
    }
}

impl Default for Logs {
    fn default() -> Self {
        Self(Several::new())
    }
}

impl Gathered {
    /// Adds a change; logs and notifications have ways of their own.
    pub(super) fn add(&mut self, change: Change) {
        match change {
            Change::Job { job_id } => self.jobs.add(job_id, ()),
            Change::Runner { runner_id } => self.runners.add(runner_id, ()),
            Change::Jobs => self.jobs.many = true,
            Change::Runners => self.runners.many = true,
            Change::Workspace => self.workspace = true,
            Change::Everything => self.everything = true,
            Change::Log { .. } | Change::Logs | Change::Notifications => {}
        }
    }

    /// Adds that an account has something to read.
    pub(super) fn notify(&mut self, account: AccountId) {
        self.notified.insert(account);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
            && self.runners.is_empty()
            && !self.workspace
            && !self.everything
            && self.notified.is_empty()
    }

    /// All of it, as it is told.
    pub(super) fn tell(self, n: u64) -> Batch {
        let mut changes = Vec::new();
        if self.everything {
            changes.push(Change::Everything);
        } else {
            let job = |job_id, ()| Change::Job { job_id };
            self.jobs.tell(&mut changes, Change::Jobs, job);
            let runner = |runner_id, ()| Change::Runner { runner_id };
            self.runners.tell(&mut changes, Change::Runners, runner);
        }
        // Told besides everything, too: whoever left hears by it that the stream ends.
        if self.workspace {
            changes.push(Change::Workspace);
        }
        Batch {
            n,
            changes,
            notified: self.notified,
        }
    }
}

impl Logs {
    pub(super) fn add(&mut self, job_id: JobId, attempt_id: AttemptId, last: u64) {
        self.0.add(attempt_id, (job_id, last));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn tell(self, n: u64) -> Batch {
        let mut changes = Vec::new();
        let log = |attempt_id, (job_id, last)| Change::Log {
            job_id,
            attempt_id,
            last,
        };
        self.0.tell(&mut changes, Change::Logs, log);
        Batch {
            n,
            changes,
            notified: BTreeSet::new(),
        }
    }
}

impl Batch {
    /// What one reader is told of it.
    pub(crate) fn for_reader(&self, account: AccountId) -> impl Iterator<Item = Change> {
        let own = self
            .notified
            .range((Bound::Included(account), Bound::Included(account)))
            .map(|_| Change::Notifications);
        self.changes.iter().copied().chain(own)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let change = prop_oneof![
            (0..20_u128).prop_map(|n| Change::Job {
                job_id: JobId(Uuid::from_u128(n))
            }),
            (0..20_u128).prop_map(|n| Change::Runner {
                runner_id: RunnerId(Uuid::from_u128(n))
            }),
            Just(Change::Workspace),
        ];
        prop::collection::vec(change, 0..200)
    }

    /// Whether `told` makes a reader fetch what `change` made out of date.
    fn covers(told: Change, change: Change) -> bool {
        told == change
            || matches!(
                (told, change),
                (Change::Jobs, Change::Job { .. }) | (Change::Runners, Change::Runner { .. })
            )
    }

    proptest! {
        #[test]
        fn however_much_changes_little_is_told_and_nothing_is_left_out(changes in changes()) {
            let mut gathered = Gathered::default();
            for change in &changes {
                gathered.add(*change);
            }
            prop_assert_eq!(gathered.is_empty(), changes.is_empty());
            let told = gathered.tell(1).changes;
            prop_assert!(told.len() <= 2 * NAMED_MAX + 1, "{told:?}");
            for change in changes {
                prop_assert!(told.iter().any(|one| covers(*one, change)), "{change:?}");
            }
        }
    }

    #[test]
    fn of_a_log_only_its_newest_number_is_told() {
        let (job, attempt) = (JobId(Uuid::nil()), AttemptId(Uuid::nil()));
        let mut logs = Logs::default();
        for last in 1..=50 {
            logs.add(job, attempt, last);
        }
        let told = logs.clone().tell(1).changes;
        assert!(matches!(told[..], [Change::Log { last: 50, .. }]));
        for n in 0..100 {
            logs.add(job, AttemptId(Uuid::from_u128(n)), 1);
        }
        assert_eq!(logs.tell(1).changes, [Change::Logs]);
    }

    #[test]
    fn a_notification_reaches_its_account_alone() {
        let (one, other) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let mut gathered = Gathered::default();
        gathered.notify(one);
        let batch = gathered.tell(1);
        assert_eq!(
            batch.for_reader(one).collect::<Vec<_>>(),
            [Change::Notifications]
        );
        assert_eq!(batch.for_reader(other).count(), 0);
    }
}
