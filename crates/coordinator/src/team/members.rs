//! Members and their roles, leaving, and giving the workspace away.

use protocol::{
    api::{MemberList, MemberView, Role},
    ids::AccountId,
};
use store::{Audit, MemberRow, MembershipEnded, RoleChanged, Subject, Transferred};

use super::{changed, conflict, invalid, runners_changed, stopped};
use crate::{
    app::App,
    auth::{Membership, Person},
    error::{ApiError, ApiResult},
    rights::{
        Right,
        member::{self, MemberAction},
    },
};

/// The members, with what the reader may do with each.
pub(crate) async fn list(app: &App, reader: &Membership) -> ApiResult<MemberList> {
    reader.require(Right::Read)?;
    let members = app.store.members(reader.0.workspace.id).await?;
    let members = members.into_iter().map(|row| view(reader, row)).collect();
    Ok(MemberList { members })
}

/// Gives a member another role.
pub(crate) async fn change_role(
    app: &App,
    person: &Person,
    reader: &Membership,
    account_id: AccountId,
    role: Role,
) -> ApiResult<MemberView> {
    let row = find(app, reader, account_id).await?;
    require(reader, &row, MemberAction::ChangeRole)?;
    if role == Role::Owner {
        return Err(invalid("A workspace has one owner.")
            .hint("Give the workspace to them instead: the owner can transfer it."));
    }
    let line = audited(person, reader, "member.role_changed", &row)
        .detail("before", row.role.as_str())
        .detail("after", role.as_str());
    let workspace = reader.0.workspace.id;
    let changed_now = app
        .store
        .change_role(workspace, account_id, role, line, app.now())
        .await?;
    match changed_now {
        RoleChanged::Done => {}
        RoleChanged::IsOwner => return Err(conflict("They are the owner by now.")),
        RoleChanged::NotAMember => return Err(ApiError::not_found("member")),
    }
    changed(app, workspace);
    Ok(view(reader, MemberRow { role, ..row }))
}

/// Takes a member out; their runners go with them.
pub(crate) async fn remove(
    app: &App,
    person: &Person,
    reader: &Membership,
    account_id: AccountId,
) -> ApiResult<()> {
    let row = find(app, reader, account_id).await?;
    require(reader, &row, MemberAction::Remove)?;
    let line = audited(person, reader, "member.removed", &row).detail("role", row.role.as_str());
    let told = format!("You are no longer a member of {}.", reader.0.workspace.name);
    end(app, reader, account_id, line, Some(told)).await
}

/// Leaves the workspace; one's own runners go along.
pub(crate) async fn leave(app: &App, person: &Person, reader: &Membership) -> ApiResult<()> {
    let row = find(app, reader, person.account.id).await?;
    let line = audited(person, reader, "member.left", &row).detail("role", row.role.as_str());
    end(app, reader, person.account.id, line, None).await
}

/// Makes another member the owner.
pub(crate) async fn transfer(
    app: &App,
    person: &Person,
    reader: &Membership,
    to: AccountId,
) -> ApiResult<()> {
    reader.require(Right::Transfer)?;
    if to == person.account.id {
        return Err(conflict("The workspace is yours already."));
    }
    let row = find(app, reader, to).await?;
    let line = audited(person, reader, "workspace.transferred", &row);
    let workspace = reader.0.workspace.id;
    let transferred = app
        .store
        .transfer_workspace(workspace, person.account.id, to, line, app.now())
        .await?;
    match transferred {
        Transferred::Done => {
            changed(app, workspace);
            Ok(())
        }
        Transferred::NotTheOwner => Err(conflict("The workspace has another owner by now.")),
        Transferred::NotAMember => Err(ApiError::not_found("member")),
    }
}

async fn end(
    app: &App,
    reader: &Membership,
    account_id: AccountId,
    line: Audit,
    told: Option<String>,
) -> ApiResult<()> {
    let workspace = reader.0.workspace.id;
    let ended = app
        .store
        .end_membership(workspace, account_id, line, told, app.now())
        .await?;
    match ended {
        MembershipEnded::Done(attempts) => {
            changed(app, workspace);
            stopped(app, attempts);
            runners_changed(app, workspace);
            Ok(())
        }
        MembershipEnded::IsOwner => Err(conflict("The owner cannot leave the workspace.")
            .hint("Give the workspace to another member first, or delete it.")),
        MembershipEnded::NotAMember => Err(ApiError::not_found("member")),
    }
}

async fn find(app: &App, reader: &Membership, account_id: AccountId) -> ApiResult<MemberRow> {
    app.store
        .members(reader.0.workspace.id)
        .await?
        .into_iter()
        .find(|row| row.person.id == account_id)
        .ok_or_else(|| ApiError::not_found("member"))
}

fn require(reader: &Membership, row: &MemberRow, action: MemberAction) -> ApiResult<()> {
    let is_self = row.person.id == reader.0.account_id;
    member::require(reader.0.role, row.role, is_self, action)
}

fn audited(person: &Person, reader: &Membership, action: &'static str, row: &MemberRow) -> Audit {
    let subject = Subject::new("member", row.person.id, &row.person.email);
    Audit::in_workspace(reader.0.workspace.id, person.actor(), action, subject)
}

fn view(reader: &Membership, row: MemberRow) -> MemberView {
    let may = |action| require(reader, &row, action).is_ok();
    MemberView {
        can_change_role: may(MemberAction::ChangeRole),
        can_remove: may(MemberAction::Remove),
        person: row.person,
        role: row.role,
        joined_at: row.joined_at,
        runners: row.runners,
    }
}
