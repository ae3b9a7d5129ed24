//! A workspace as a team's own: its names, members, invitations and log.

mod audit;
mod invitations;
mod mail;
mod members;
mod workspaces;

pub(crate) use audit::{Export, export, page as audit_page};
pub(crate) use invitations::{
    accept as accept_invitation, facts as invitation_facts, invite, list as invitations,
    resend as resend_invitation, revoke as revoke_invitation,
};
pub(crate) use members::{change_role, leave, list as members, remove as remove_member, transfer};
pub(crate) use workspaces::{create, delete, rename};

use protocol::{api::Change, error::ErrorCode, ids::WorkspaceId};
use store::AttemptRef;

use crate::{app::App, changes, error::ApiError};

/// Somebody has become a member, and brings their runners along.
pub(crate) fn joined(app: &App, workspace: WorkspaceId) {
    changed(app, workspace);
    runners_changed(app, workspace);
}

/// Members, invitations or the workspace itself changed.
fn changed(app: &App, workspace: WorkspaceId) {
    app.live.publish(workspace, Change::Workspace);
}

/// Runners came or went with their owners: what waits may find, or miss, one.
fn runners_changed(app: &App, workspace: WorkspaceId) {
    app.live.publish(workspace, Change::Everything);
    app.work_changed();
}

/// Attempts ended, or have orders to: their runners hear of it at once.
fn stopped(app: &App, attempts: Vec<AttemptRef>) {
    for at in attempts {
        changes::attempt(app, at);
        app.orders_for(at.runner_id);
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

fn conflict(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::Conflict, message)
}
