//! What gathers between two notices, and how it is written.

use std::collections::{BTreeSet, HashMap};

use protocol::{
    api::Change,
    ids::{AccountId, AttemptId, RunnerId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use store::NOTICE_BYTES_MAX;
use uuid::Uuid;

/// Most things that one notice names; the longest takes about 200 bytes.
const NAMED_MAX: usize = NOTICE_BYTES_MAX / 250;
/// When more than this has gathered, it is said that everything changed.
const GATHERED_MAX: usize = 20 * NAMED_MAX;

/// What one coordinator tells the others; unknown fields are left alone.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Notice {
    /// Which coordinator says it.
    pub(super) from: Uuid,
    /// There may be a job for somebody.
    pub(super) work: bool,
    /// More changed than can be named.
    pub(super) everything: bool,
    /// Runners that have something to hear.
    pub(super) runners: Vec<RunnerId>,
    /// Workspaces of which nothing older may be shown.
    pub(super) demanded: Vec<WorkspaceId>,
    /// What changed.
    pub(super) changes: Vec<(WorkspaceId, Change)>,
    /// Accounts that have something to read.
    pub(super) accounts: Vec<AccountId>,
    /// A number by which whoever says it hears itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) beat: Option<u64>,
}

/// What nobody was told of yet.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) work: bool,
    pub(super) everything: bool,
    runners: BTreeSet<RunnerId>,
    demanded: BTreeSet<WorkspaceId>,
    changes: HashMap<(WorkspaceId, What), Change>,
    accounts: BTreeSet<AccountId>,
}

/// Of two changes of the same thing the later one is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Log(AttemptId),
    Other(Change),
}

impl Gathered {
    pub(super) fn add_runner(&mut self, id: RunnerId) {
        self.runners.insert(id);
        self.keep_bounded();
    }

    pub(super) fn add_demand(&mut self, workspace: WorkspaceId) {
        self.demanded.insert(workspace);
        self.keep_bounded();
    }

    pub(super) fn add_account(&mut self, id: AccountId) {
        self.accounts.insert(id);
        self.keep_bounded();
    }

    pub(super) fn add_change(&mut self, workspace: WorkspaceId, change: Change) {
        let what = match change {
            Change::Log { attempt_id, .. } => What::Log(attempt_id),
            other => What::Other(other),
        };
        self.changes.insert((workspace, what), change);
        self.keep_bounded();
    }

    /// The text of the next notice, if there is something to say, and whether more is left.
    pub(super) fn take_notice(&mut self, from: Uuid) -> (Option<String>, bool) {
        let mut room = NAMED_MAX;
        let notice = Notice {
            from,
            work: std::mem::take(&mut self.work),
            everything: std::mem::take(&mut self.everything),
            runners: take_some(&mut self.runners, &mut room),
            demanded: take_some(&mut self.demanded, &mut room),
            accounts: take_some(&mut self.accounts, &mut room),
            changes: self.take_changes(&mut room),
            beat: None,
        };
        let nothing = Notice {
            from,
            ..Notice::default()
        };
        if notice == nothing {
            return (None, false);
        }
        (notice.text(), self.len() > 0)
    }

    fn take_changes(&mut self, room: &mut usize) -> Vec<(WorkspaceId, Change)> {
        let keys: Vec<_> = self.changes.keys().take(*room).copied().collect();
        *room -= keys.len();
        keys.into_iter()
            .filter_map(|key| Some((key.0, self.changes.remove(&key)?)))
            .collect()
    }

    fn len(&self) -> usize {
        self.runners.len() + self.demanded.len() + self.changes.len() + self.accounts.len()
    }

    fn keep_bounded(&mut self) {
        if self.len() > GATHERED_MAX {
            *self = Self {
                everything: true,
                work: true,
                ..Self::default()
            };
        }
    }
}

impl Notice {
    /// As it is sent.
    pub(super) fn text(&self) -> Option<String> {
        // Only a map with keys that are no texts has no JSON, and there is none.
        serde_json::to_string(self).ok()
    }
}

fn take_some<T: Ord>(all: &mut BTreeSet<T>, room: &mut usize) -> Vec<T> {
    let mut taken = Vec::new();
    while *room > 0
        && let Some(one) = all.pop_first()
    {
        taken.push(one);
        *room -= 1;
    }
    taken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::ids::JobId;

    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn take_all(gathered: &mut Gathered) -> Vec<Notice> {
        let mut notices = Vec::new();
        loop {
            let (text, is_left) = gathered.take_notice(id(7));
            let Some(text) = text else { break };
            assert!(text.len() <= NOTICE_BYTES_MAX, "{} bytes", text.len());
            notices.push(serde_json::from_str(&text).unwrap());
            if !is_left {
                break;
            }
        }
        notices
    }

    proptest! {
        #[test]
        fn whatever_gathers_is_told_in_notices_that_fit(
            runners in prop::collection::btree_set(any::<u128>(), 0..200),
            logs in prop::collection::vec((0..40_u128, 1..u64::MAX), 0..200),
        ) {
            let workspace = WorkspaceId(id(u128::MAX));
            let mut gathered = Gathered::default();
            let mut newest = HashMap::new();
            for runner in &runners {
                gathered.add_runner(RunnerId(id(*runner)));
            }
            for (attempt, last) in &logs {
                let attempt_id = AttemptId(id(u128::MAX - *attempt));
                let job_id = JobId(id(u128::MAX));
                gathered.add_change(workspace, Change::Log { job_id, attempt_id, last: *last });
                newest.insert(attempt_id, *last);
            }
            let notices = take_all(&mut gathered);
            let told: BTreeSet<_> = notices.iter().flat_map(|n| &n.runners).copied().collect();
            prop_assert_eq!(told.len(), runners.len());
            let told: HashMap<_, _> = notices
                .iter()
                .flat_map(|n| &n.changes)
                .filter_map(|(_, change)| match change {
                    Change::Log { attempt_id, last, .. } => Some((*attempt_id, *last)),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(told, newest);
        }
    }

    #[test]
    fn too_much_is_told_as_everything() {
        let mut gathered = Gathered::default();
        for n in 0..10_000 {
            gathered.add_runner(RunnerId(id(n)));
        }
        let notices = take_all(&mut gathered);
        assert!(
            notices
                .iter()
                .any(|notice| notice.everything && notice.work)
        );
        assert!(notices.len() <= 1 + GATHERED_MAX / NAMED_MAX);
    }

    #[test]
    fn nothing_is_no_notice_and_a_newer_one_is_understood() {
        assert_eq!(Gathered::default().take_notice(id(1)), (None, false));
        let newer = r#"{"from":"00000000-0000-0000-0000-000000000001","work":true,"more":[1]}"#;
        assert!(serde_json::from_str::<Notice>(newer).unwrap().work);
    }
}
