//! Calls about workspaces, members, invitations, tokens and the audit log.

use protocol::{
    api::{
        ApiTokenList, ApiTokenMade, AuditPage, InvitationList, InvitationMade, MemberList,
        MemberView, NewApiToken, NewInvitation, NewWorkspace, Role, RoleChange, Transfer,
        Workspace, WorkspaceDelete, WorkspaceUpdate,
    },
    ids::{AccountId, ApiTokenId, InvitationId},
};
use reqwest::{Method, Response};
use serde_json::json;

use super::Client;
use crate::exit::{Exit, Failure};

impl Client {
    /// Makes a workspace.
    pub(crate) async fn create_workspace(&self, new: &NewWorkspace) -> Result<Workspace, Failure> {
        self.post(&["api", "v1", "workspaces"], new).await
    }

    /// Changes a workspace.
    pub(crate) async fn update_workspace(
        &self,
        workspace: &str,
        update: &WorkspaceUpdate,
    ) -> Result<Workspace, Failure> {
        self.change(
            Method::PATCH,
            &["api", "v1", "workspaces", workspace],
            update,
        )
        .await
    }

    /// Gives a workspace to another member.
    pub(crate) async fn transfer(&self, workspace: &str, to: &Transfer) -> Result<(), Failure> {
        self.act(&["api", "v1", "workspaces", workspace, "transfer"], to)
            .await
    }

    /// Leaves a workspace.
    pub(crate) async fn leave(&self, workspace: &str) -> Result<(), Failure> {
        self.act(&["api", "v1", "workspaces", workspace, "leave"], &json!({}))
            .await
    }

    /// Deletes a workspace.
    pub(crate) async fn delete_workspace(
        &self,
        workspace: &str,
        name: &WorkspaceDelete,
    ) -> Result<(), Failure> {
        self.act(&["api", "v1", "workspaces", workspace, "delete"], name)
            .await
    }

    /// The members of a workspace.
    pub(crate) async fn members(&self, workspace: &str) -> Result<MemberList, Failure> {
        self.get(&["api", "v1", "workspaces", workspace, "members"], &[])
            .await
    }

    /// The member that is named by e-mail address or id.
    pub(crate) async fn member(&self, workspace: &str, named: &str) -> Result<MemberView, Failure> {
        let members = self.members(workspace).await?.members;
        let fits = |member: &MemberView| {
            member.person.email.eq_ignore_ascii_case(named) || member.person.id.to_string() == named
        };
        members.into_iter().find(fits).ok_or_else(|| {
            Failure::new(Exit::NotFound, format!("nobody here is called `{named}`"))
                .hint("Members are named by their e-mail address: see `coord member list`.")
        })
    }

    /// Gives a member another role.
    pub(crate) async fn change_role(
        &self,
        workspace: &str,
        member: AccountId,
        role: Role,
    ) -> Result<(), Failure> {
        let member = member.to_string();
        let path = ["api", "v1", "workspaces", workspace, "members", &member];
        self.put(&path, &RoleChange { role }).await
    }

    /// Takes a member out.
    pub(crate) async fn remove_member(
        &self,
        workspace: &str,
        member: AccountId,
    ) -> Result<(), Failure> {
        let member = member.to_string();
        self.delete(&["api", "v1", "workspaces", workspace, "members", &member])
            .await
    }

    /// The invitations of a workspace.
    pub(crate) async fn invitations(&self, workspace: &str) -> Result<InvitationList, Failure> {
        self.get(&["api", "v1", "workspaces", workspace, "invitations"], &[])
            .await
    }

    /// Invites somebody.
    pub(crate) async fn invite(
        &self,
        workspace: &str,
        new: &NewInvitation,
    ) -> Result<InvitationMade, Failure> {
        self.post(&["api", "v1", "workspaces", workspace, "invitations"], new)
            .await
    }

    /// Sends an invitation again.
    pub(crate) async fn resend(
        &self,
        workspace: &str,
        id: InvitationId,
    ) -> Result<InvitationMade, Failure> {
        let id = id.to_string();
        let path = [
            "api",
            "v1",
            "workspaces",
            workspace,
            "invitations",
            &id,
            "resend",
        ];
        self.post(&path, &json!({})).await
    }

    /// Takes an invitation back.
    pub(crate) async fn revoke_invitation(
        &self,
        workspace: &str,
        id: InvitationId,
    ) -> Result<(), Failure> {
        let id = id.to_string();
        self.delete(&["api", "v1", "workspaces", workspace, "invitations", &id])
            .await
    }

    /// The account's tokens for scripts.
    pub(crate) async fn tokens(&self) -> Result<ApiTokenList, Failure> {
        self.get(&["api", "v1", "account", "tokens"], &[]).await
    }

    /// Makes a token.
    pub(crate) async fn create_token(&self, new: &NewApiToken) -> Result<ApiTokenMade, Failure> {
        self.post(&["api", "v1", "account", "tokens"], new).await
    }

    /// Ends a token.
    pub(crate) async fn revoke_token(&self, id: ApiTokenId) -> Result<(), Failure> {
        self.delete(&["api", "v1", "account", "tokens", &id.to_string()])
            .await
    }

    /// A page of the audit log.
    pub(crate) async fn audit(
        &self,
        workspace: &str,
        query: &[(&str, String)],
    ) -> Result<AuditPage, Failure> {
        self.get(&["api", "v1", "workspaces", workspace, "audit"], query)
            .await
    }

    /// The whole audit log, in the form that `file` names.
    pub(crate) async fn audit_export(
        &self,
        workspace: &str,
        file: &'static str,
    ) -> Result<Response, Failure> {
        let path = ["api", "v1", "workspaces", workspace, file];
        self.send(self.request(Method::GET, &path)).await
    }
}
