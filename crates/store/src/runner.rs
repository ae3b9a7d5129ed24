//! Runners, as they last described themselves.

use protocol::{
    agent::{Capabilities, Platform},
    api::{CurrentJob, PersonRef},
    ids::{AccountId, InstallationId, RunnerId, WorkspaceId},
    runner::{Pause, Slots, Trouble},
    time::Timestamp,
};

use crate::{Error, Result, Store};

/// A machine's registration under an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Which.
    pub id: RunnerId,
    /// Whose.
    pub account_id: AccountId,
    /// Which data directory.
    pub installation_id: InstallationId,
    /// Its short id, for people.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// The machine, as it registered.
    pub platform: Platform,
    /// Version of the runner, as it registered.
    pub runner_version: String,
    /// When it was first registered.
    pub registered_at: Timestamp,
    /// When it was removed or signed out; it is in view no more.
    pub removed_at: Option<Timestamp>,
    /// When it was last heard of.
    pub last_sync_at: Option<Timestamp>,
    /// Capacity, as it last said.
    pub slots: Slots,
    /// Digest of what it can do.
    pub capabilities_digest: String,
    /// What it can do, once it has said so.
    pub capabilities: Option<Capabilities>,
    /// Set while it is paused.
    pub paused: Option<Pause>,
    /// Whether it finishes what it has and then stops.
    pub draining: bool,
    /// What keeps it from taking work.
    pub troubles: Vec<Trouble>,
    /// How many attempts it has had, over all workspaces.
    pub lifetime_attempts: u64,
}

/// A runner in view of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerInView {
    /// The runner.
    pub runner: Runner,
    /// Whose it is.
    pub owner: PersonRef,
    /// Its jobs of this workspace that are under way.
    pub current_jobs: Vec<CurrentJob>,
}

impl Store {
    /// The runner, also when it has been removed.
    pub async fn runner(&self, id: RunnerId) -> Result<Option<Runner>> {
        let _ = id;
        Err(Error::Closed)
    }

    /// The runners in view of a workspace, by name: those of its members.
    pub async fn runners_in_view(&self, workspace_id: WorkspaceId) -> Result<Vec<RunnerInView>> {
        let _ = workspace_id;
        Err(Error::Closed)
    }

    /// One runner, as a workspace sees it; none when it is not in view.
    pub async fn runner_in_view(
        &self,
        workspace_id: WorkspaceId,
        id: RunnerId,
    ) -> Result<Option<RunnerInView>> {
        let _ = (workspace_id, id);
        Err(Error::Closed)
    }

    /// A workspace of `account_id` in whose view the runner is, if there is one.
    pub async fn shared_workspace(
        &self,
        account_id: AccountId,
        runner_id: RunnerId,
    ) -> Result<Option<WorkspaceId>> {
        let _ = (account_id, runner_id);
        Err(Error::Closed)
    }

    /// Signs a runner out: its credentials die, its attempts end, it is in view no more.
    ///
    /// Returns the attempts that ended by it.
    pub async fn sign_runner_out(
        &self,
        id: RunnerId,
        now: Timestamp,
    ) -> Result<Vec<crate::AttemptRef>> {
        let _ = (id, now);
        Err(Error::Closed)
    }
}
