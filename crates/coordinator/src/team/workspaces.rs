//! Making, renaming and deleting workspaces.

use protocol::{
    api::{NewWorkspace, Role, Workspace, WorkspaceDelete, WorkspaceRef, WorkspaceUpdate},
    error::ErrorCode,
    limits::{HOUSE_RULES_BYTES_MAX, NAME_CHARS_MAX},
};
use store::{Audit, Subject, WorkspaceCreated, WorkspaceDeleted, WorkspaceRenamed};

use super::{changed, conflict, invalid, stopped};
use crate::{
    app::App,
    auth::{Membership, Person},
    error::{ApiError, ApiResult},
    rights::Right,
    slug,
};

/// Most workspaces that one account may own.
const OWNED_MAX: u32 = 100;
/// How many endings are tried when a name in addresses is taken.
const ENDINGS_MAX: u32 = 100;

/// Makes a workspace that belongs to the person.
pub(crate) async fn create(app: &App, person: &Person, new: NewWorkspace) -> ApiResult<Workspace> {
    let name = checked_name(&new.name)?;
    let wished = new.slug.as_deref().map(checked_slug).transpose()?;
    let base = wished.clone().unwrap_or_else(|| slug::of(&name));
    // A name that was made up here may get an ending; one that was asked for may not.
    let tries = if wished.is_some() { 1 } else { ENDINGS_MAX };
    for ending in 1..=tries {
        let new = store::NewWorkspace {
            slug: slug::with_ending(&base, ending),
            name: name.clone(),
            owner: person.account.id,
            owned_max: OWNED_MAX,
        };
        let now = app.now();
        match app.store.create_workspace(new, person.actor(), now).await? {
            WorkspaceCreated::Done(made) => return Ok(as_owner(made)),
            WorkspaceCreated::SlugTaken => {}
            WorkspaceCreated::TooMany => {
                return Err(ApiError::new(
                    ErrorCode::LimitReached,
                    format!("You own {OWNED_MAX} workspaces, and more are not possible."),
                )
                .hint("Delete one that is not needed any more, or give it to somebody else."));
            }
        }
    }
    Err(slug_taken(&base))
}

/// Gives a workspace other names; what is left out stays.
pub(crate) async fn rename(
    app: &App,
    person: &Person,
    member: &Membership,
    update: WorkspaceUpdate,
) -> ApiResult<Workspace> {
    member.require(Right::ManageWorkspace)?;
    let before = &member.0.workspace;
    let name = update.name.as_deref().map(checked_name).transpose()?;
    let slug = update.slug.as_deref().map(checked_slug).transpose()?;
    let to = WorkspaceRef {
        id: before.id,
        slug: slug.unwrap_or_else(|| before.slug.clone()),
        name: name.unwrap_or_else(|| before.name.clone()),
    };
    if to != *before {
        let subject = Subject::new("workspace", to.id, &to.name);
        let mut line = Audit::in_workspace(to.id, person.actor(), "workspace.renamed", subject);
        for (what, before, after) in [
            ("name", &before.name, &to.name),
            ("address", &before.slug, &to.slug),
        ] {
            if before != after {
                line = line.detail(what, format!("{before} → {after}"));
            }
        }
        match app
            .store
            .rename_workspace(to.clone(), line, app.now())
            .await?
        {
            WorkspaceRenamed::Done(_) => changed(app, to.id),
            WorkspaceRenamed::SlugTaken => return Err(slug_taken(&to.slug)),
        }
    }
    if let Some(rules) = update.house_rules {
        set_house_rules(app, person, &to, &rules).await?;
    }
    Ok(Workspace {
        house_rules: app.store.house_rules(to.id).await?,
        id: to.id,
        slug: to.slug,
        name: to.name,
        role: member.0.role,
    })
}

async fn set_house_rules(
    app: &App,
    person: &Person,
    workspace: &WorkspaceRef,
    rules: &str,
) -> ApiResult<()> {
    let rules = rules.trim();
    if rules.len() > HOUSE_RULES_BYTES_MAX || rules.contains('\0') {
        return Err(invalid(format!(
            "The rules of a workspace are text of at most {} KiB.",
            HOUSE_RULES_BYTES_MAX / 1024
        )));
    }
    let subject = Subject::new("workspace", workspace.id, &workspace.name);
    let line = Audit::in_workspace(
        workspace.id,
        person.actor(),
        "workspace.rules_changed",
        subject,
    );
    let rules = (!rules.is_empty()).then(|| rules.to_owned());
    app.store
        .set_house_rules(workspace.id, rules, line, app.now())
        .await?;
    changed(app, workspace.id);
    Ok(())
}

/// Deletes a workspace with everything in it, once its name is typed again.
pub(crate) async fn delete(
    app: &App,
    person: &Person,
    member: &Membership,
    request: &WorkspaceDelete,
) -> ApiResult<()> {
    member.require(Right::DeleteWorkspace)?;
    let workspace = &member.0.workspace;
    if request.name.trim() != workspace.name {
        return Err(invalid(format!(
            "This is not the name of the workspace, which is {}.",
            workspace.name
        ))
        .hint("Type the name exactly, to be sure that it is this one."));
    }
    let owner = person.account.id;
    let deleted = app
        .store
        .delete_workspace(workspace.id, owner, person.actor(), app.now())
        .await?;
    match deleted {
        WorkspaceDeleted::Done(attempts) => {
            changed(app, workspace.id);
            stopped(app, attempts);
            Ok(())
        }
        WorkspaceDeleted::NotTheOwner => Err(conflict("The workspace has another owner by now.")),
    }
}

fn as_owner(made: WorkspaceRef) -> Workspace {
    Workspace {
        id: made.id,
        slug: made.slug,
        name: made.name,
        role: Role::Owner,
        house_rules: None,
    }
}

fn checked_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        return Err(invalid(format!(
            "A workspace's name is one line of 1 to {NAME_CHARS_MAX} characters."
        )));
    }
    Ok(name.to_owned())
}

fn checked_slug(slug: &str) -> ApiResult<String> {
    if slug::is_slug(slug) {
        return Ok(slug.to_owned());
    }
    Err(invalid(format!(
        "A workspace's name in addresses has 1 to {} lower-case letters, digits and single hyphens.",
        slug::CHARS_MAX
    ))
    .hint("Leave it out to have one made from the name."))
}

fn slug_taken(slug: &str) -> ApiError {
    conflict(format!("Another workspace has the address {slug}.")).hint("Choose another one.")
}
