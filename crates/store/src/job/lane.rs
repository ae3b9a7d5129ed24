//! Lanes of the queue: jobs that every runner would answer alike.

use protocol::{
    agent::AgentName,
    digest::sha256_hex,
    ids::{AccountId, JobId, WorkspaceId},
    job::{JobContext, Priority, Target},
};

/// Everything of a job on which its place in the queue and its routing depend.
pub(super) struct Lane<'a> {
    /// Which job.
    pub(super) id: JobId,
    /// In which workspace.
    pub(super) workspace_id: WorkspaceId,
    /// Who submitted it.
    pub(super) created_by: AccountId,
    /// How soon it is taken.
    pub(super) priority: Priority,
    /// What it works on.
    pub(super) context: JobContext,
    /// Who may take it.
    pub(super) target: Target,
    /// The agent that it asks for.
    pub(super) agent: Option<&'a AgentName>,
}

impl Lane<'_> {
    /// The word that jobs of one lane share.
    pub(super) fn word(&self) -> String {
        // Each team is its job's own.
        let alone = (self.target == Target::Team).then_some(self.id);
        let all = format!(
            "{:?} {} {} {:?} {:?} {:?} {alone:?}",
            self.priority,
            self.created_by,
            self.workspace_id,
            self.context,
            self.target,
            self.agent
        );
        sha256_hex(all.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn word(change: impl FnOnce(&mut Lane<'static>)) -> String {
        let mut lane = Lane {
            id: JobId(Uuid::nil()),
            workspace_id: WorkspaceId(Uuid::nil()),
            created_by: AccountId(Uuid::nil()),
            priority: Priority::Normal,
            context: JobContext::Local,
            target: Target::My,
            agent: None,
        };
        change(&mut lane);
        lane.word()
    }

    #[test]
    fn jobs_that_runners_tell_apart_are_in_lanes_of_their_own() {
        let other = Uuid::from_u128(1);
        let words = [
            word(|_| ()),
            word(|lane| lane.workspace_id = WorkspaceId(other)),
            word(|lane| lane.created_by = AccountId(other)),
            word(|lane| lane.priority = Priority::High),
            word(|lane| lane.target = Target::Any),
            word(|lane| lane.target = Target::Team),
            word(|lane| (lane.target, lane.id) = (Target::Team, JobId(other))),
        ];
        for (n, one) in words.iter().enumerate() {
            assert!(!words[n + 1..].contains(one), "{n}");
        }
        assert_eq!(word(|lane| lane.id = JobId(other)), words[0]);
    }
}
