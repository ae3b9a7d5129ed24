//! What people do with a runner in one workspace.

use protocol::{
    api::{RunnerAction, Sharing},
    error::ErrorCode,
    ids::RunnerId,
    limits::NOTE_CHARS_MAX,
};
use store::{Audit, PlaceChanged, RunnerInView, RunnerPlace, Subject};

use super::{nothing, seen};
use crate::{
    app::App,
    auth::{Membership, Person},
    changes,
    error::{ApiError, ApiResult},
    rights::runner::{self as rights, Relation},
};

/// Shares a runner with the other members of a workspace, or ends that.
pub(crate) async fn set_sharing(
    app: &App,
    person: &Person,
    member: &Membership,
    id: RunnerId,
    sharing: Sharing,
) -> ApiResult<()> {
    let (action, name) = match sharing {
        Sharing::Shared => (RunnerAction::Share, "runner.shared"),
        Sharing::Private => (RunnerAction::Unshare, "runner.unshared"),
    };
    let seen = allowed(app, member, id, action).await?;
    let line = line(person, member, &seen, name);
    let changed = app
        .store
        .set_sharing(place(member, id), sharing, line, app.now())
        .await?;
    tell(app, member, &seen, changed)
}

/// Gives a runner no new job of a workspace.
pub(crate) async fn disable(
    app: &App,
    person: &Person,
    member: &Membership,
    id: RunnerId,
    reason: &str,
) -> ApiResult<()> {
    let seen = allowed(app, member, id, RunnerAction::Disable).await?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(
            ApiError::new(ErrorCode::Invalid, "Disabling a runner needs a reason.")
                .hint("Say in a few words why, for everybody who sees it."),
        );
    }
    let reason = checked_note(reason)?;
    let line = line(person, member, &seen, "runner.disabled").detail("reason", &reason);
    let changed = app
        .store
        .disable_runner(place(member, id), reason, line, app.now())
        .await?;
    tell(app, member, &seen, changed)
}

/// Gives a runner jobs of a workspace again.
pub(crate) async fn enable(
    app: &App,
    person: &Person,
    member: &Membership,
    id: RunnerId,
) -> ApiResult<()> {
    let seen = allowed(app, member, id, RunnerAction::Enable).await?;
    let line = line(person, member, &seen, "runner.enabled");
    let changed = app
        .store
        .enable_runner(place(member, id), line, app.now())
        .await?;
    tell(app, member, &seen, changed)
}

/// A reason or note, fit to be shown on one line.
pub(super) fn checked_note(text: &str) -> ApiResult<String> {
    if text.chars().count() > NOTE_CHARS_MAX || text.contains(char::is_control) {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            format!("A reason has at most {NOTE_CHARS_MAX} characters on one line."),
        )
        .hint("Make it shorter."));
    }
    Ok(text.to_owned())
}

/// The runner, if the reader may do this with it.
async fn allowed(
    app: &App,
    member: &Membership,
    id: RunnerId,
    action: RunnerAction,
) -> ApiResult<RunnerInView> {
    let seen = seen(app, member, id).await?;
    let relation = if seen.owner.id == member.0.account_id {
        Relation::Own
    } else {
        Relation::OfOthers
    };
    rights::require(action, relation, member.0.role)?;
    Ok(seen)
}

fn place(member: &Membership, runner_id: RunnerId) -> RunnerPlace {
    RunnerPlace {
        workspace_id: member.0.workspace.id,
        runner_id,
    }
}

fn line(person: &Person, member: &Membership, seen: &RunnerInView, action: &'static str) -> Audit {
    let runner = &seen.runner;
    let subject = Subject::new("runner", runner.id, &runner.name);
    Audit::in_workspace(member.0.workspace.id, person.actor(), action, subject)
}

/// Tells everybody who looks, and the scheduler, which may have new choices.
fn tell(
    app: &App,
    member: &Membership,
    seen: &RunnerInView,
    changed: PlaceChanged,
) -> ApiResult<()> {
    match changed {
        PlaceChanged::Done => {
            changes::runner_here(app, member.0.workspace.id, seen.runner.id);
            app.work_changed();
            Ok(())
        }
        PlaceChanged::AsBefore => Ok(()),
        PlaceChanged::NotInView => Err(nothing()),
    }
}
