//! Calls about runners.

use protocol::{
    api::{
        DisableRequest, PauseRequest, RunnerList, RunnerRef, RunnerUpdate, RunnerView, Sharing,
        SharingChange,
    },
    ids::RunnerId,
};
use reqwest::Method;
use serde_json::json;

use super::{CALL_TIMEOUT, Client};
use crate::exit::Failure;

/// The path of what is done with a runner in a workspace.
const fn door<'a>(workspace: &'a str, id: &'a str, what: &'a str) -> [&'a str; 7] {
    ["api", "v1", "workspaces", workspace, "runners", id, what]
}

impl Client {
    /// The account's own runners in view of a workspace.
    pub(crate) async fn own_runners(&self, workspace: &str) -> Result<RunnerList, Failure> {
        let query = [("owner", "me".to_owned())];
        self.get(&["api", "v1", "workspaces", workspace, "runners"], &query)
            .await
    }

    /// The runner that is named by name, short id or id.
    pub(crate) async fn named_runner(
        &self,
        workspace: &str,
        name: &str,
    ) -> Result<RunnerRef, Failure> {
        let path = ["api", "v1", "workspaces", workspace, "runners", "resolve"];
        self.get(&path, &[("name", name.to_owned())]).await
    }

    /// A runner, as a workspace sees it.
    pub(crate) async fn runner(
        &self,
        workspace: &str,
        id: RunnerId,
    ) -> Result<RunnerView, Failure> {
        let id = id.to_string();
        self.get(&["api", "v1", "workspaces", workspace, "runners", &id], &[])
            .await
    }

    /// Gives a runner another name.
    pub(crate) async fn rename_runner(
        &self,
        id: RunnerId,
        update: &RunnerUpdate,
    ) -> Result<(), Failure> {
        let path = ["api", "v1", "runners", &id.to_string()];
        let request = self.request(Method::PATCH, &path).json(update);
        self.send(request.timeout(CALL_TIMEOUT)).await.map(drop)
    }

    /// Shares a runner in a workspace, or ends that.
    pub(crate) async fn share_runner(
        &self,
        workspace: &str,
        id: RunnerId,
        sharing: Sharing,
    ) -> Result<(), Failure> {
        let id = id.to_string();
        let path = door(workspace, &id, "sharing");
        self.put(&path, &SharingChange { sharing }).await
    }

    /// Disables a runner in a workspace.
    pub(crate) async fn disable_runner(
        &self,
        workspace: &str,
        id: RunnerId,
        why: &DisableRequest,
    ) -> Result<(), Failure> {
        let id = id.to_string();
        let path = door(workspace, &id, "disable");
        self.act(&path, why).await
    }

    /// Enables a runner in a workspace.
    pub(crate) async fn enable_runner(&self, workspace: &str, id: RunnerId) -> Result<(), Failure> {
        let id = id.to_string();
        let path = door(workspace, &id, "enable");
        self.act(&path, &json!({})).await
    }

    /// Pauses a runner everywhere.
    pub(crate) async fn pause_runner(
        &self,
        id: RunnerId,
        pause: &PauseRequest,
    ) -> Result<(), Failure> {
        self.act(&["api", "v1", "runners", &id.to_string(), "pause"], pause)
            .await
    }

    /// Ends a runner's pause.
    pub(crate) async fn resume_runner(&self, id: RunnerId) -> Result<(), Failure> {
        let path = ["api", "v1", "runners", &id.to_string(), "resume"];
        self.act(&path, &json!({})).await
    }

    /// Deregisters a runner.
    pub(crate) async fn remove_runner(&self, id: RunnerId) -> Result<(), Failure> {
        self.delete(&["api", "v1", "runners", &id.to_string()])
            .await
    }
}
