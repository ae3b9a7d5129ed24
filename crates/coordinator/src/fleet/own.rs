//! What an owner does with a runner everywhere.

use protocol::{
    api::{OwnRunner, PauseRequest, RunnerAction, RunnerRef},
    error::ErrorCode,
    ids::RunnerId,
    limits::RUNNER_NAME_CHARS_MAX,
    runner::PauseTerms,
};
use store::{Audit, Renamed, Runner, Subject};

use super::{act::checked_note, nothing, view::state};
use crate::{
    app::App,
    auth::Person,
    changes,
    error::{ApiError, ApiResult},
    rights::runner::{self as rights, Relation},
};

/// Longest pause that ends by itself: a year.
const PAUSE_MS_MAX: u64 = 366 * 24 * 60 * 60 * 1000;

/// The person's runners, with those that were removed not long ago.
pub(crate) async fn list_own(app: &App, person: &Person) -> ApiResult<Vec<OwnRunner>> {
    let now = app.now();
    let runners = app.store.runners_of(person.account.id, now).await?;
    Ok(runners
        .into_iter()
        .map(|own| OwnRunner {
            state: state(&own.runner, now),
            last_heartbeat_at: own.runner.last_sync_at,
            removed_at: own.runner.removed_at,
            runner: RunnerRef {
                id: own.runner.id,
                short_id: own.runner.short_id,
                name: own.runner.name,
            },
            shared_in: own
                .shared_in
                .into_iter()
                .filter(|workspace| person.reaches(workspace.id))
                .collect(),
        })
        .collect())
}

/// Gives a runner another name.
pub(crate) async fn rename(app: &App, person: &Person, id: RunnerId, name: &str) -> ApiResult<()> {
    let runner = owned(app, person, id, RunnerAction::Rename).await?;
    let name = checked_name(name)?;
    let line = line(person, &runner, "runner.renamed").detail("to", &name);
    let (owner, now) = (person.account.id, app.now());
    match app
        .store
        .rename_runner(owner, id, name.clone(), line, now)
        .await?
    {
        Renamed::Done => tell(app, &runner).await,
        Renamed::AsBefore => Ok(()),
        Renamed::NameTaken => Err(ApiError::new(
            ErrorCode::Conflict,
            format!("Another runner of yours is called “{name}”."),
        )
        .hint("Choose another name.")),
        Renamed::Gone => Err(nothing()),
    }
}

/// Asks a runner to take no new job for a while.
pub(crate) async fn pause(
    app: &App,
    person: &Person,
    id: RunnerId,
    request: PauseRequest,
) -> ApiResult<()> {
    let runner = owned(app, person, id, RunnerAction::Pause).await?;
    if request
        .for_ms
        .is_some_and(|ms| ms == 0 || ms > PAUSE_MS_MAX)
    {
        return Err(
            ApiError::new(ErrorCode::Invalid, "A pause lasts up to a year.")
                .hint("Leave its length out to end it by hand."),
        );
    }
    let note = request.note.as_deref().map(str::trim);
    let note = note.filter(|note| !note.is_empty()).map(checked_note);
    let terms = PauseTerms {
        for_ms: request.for_ms,
        note: note.transpose()?,
    };
    wish(app, person, &runner, Some(terms), "runner.paused").await
}

/// Asks a runner to take jobs again.
pub(crate) async fn resume(app: &App, person: &Person, id: RunnerId) -> ApiResult<()> {
    let runner = owned(app, person, id, RunnerAction::Resume).await?;
    wish(app, person, &runner, None, "runner.resumed").await
}

/// Deregisters a runner everywhere.
pub(crate) async fn remove(app: &App, person: &Person, id: RunnerId) -> ApiResult<()> {
    let runner = owned(app, person, id, RunnerAction::Remove).await?;
    let line = line(person, &runner, "runner.removed");
    let ended = app
        .store
        .remove_runner(id, line, app.now())
        .await?
        .ok_or_else(nothing)?;
    for at in &ended {
        changes::attempt(app, *at);
    }
    tell(app, &runner).await?;
    app.work_changed();
    tracing::info!(runner = %id, account = %runner.account_id, "removed a runner");
    Ok(())
}

/// A runner's name, as people may choose it.
pub(crate) fn checked_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    let chars = name.chars().count();
    if !(1..=RUNNER_NAME_CHARS_MAX).contains(&chars) || name.contains(char::is_control) {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            format!("A runner's name has 1 to {RUNNER_NAME_CHARS_MAX} characters on one line."),
        )
        .hint("Choose another name."));
    }
    Ok(name.to_owned())
}

async fn wish(
    app: &App,
    person: &Person,
    runner: &Runner,
    terms: Option<PauseTerms>,
    action: &'static str,
) -> ApiResult<()> {
    let line = line(person, runner, action);
    let (owner, now) = (person.account.id, app.now());
    let wished = app
        .store
        .wish_pause(owner, runner.id, terms, line, now)
        .await?;
    if !wished {
        return Err(nothing());
    }
    tell(app, runner).await
}

/// The runner, if it is the person's own; others that are in view are refused in words.
async fn owned(
    app: &App,
    person: &Person,
    id: RunnerId,
    action: RunnerAction,
) -> ApiResult<Runner> {
    let runner = app.store.runner(id).await?.ok_or_else(nothing)?;
    if runner.account_id != person.account.id {
        let workspaces = app.store.common_workspaces(person.account.id, id).await?;
        let seen_in = workspaces
            .into_iter()
            .find(|workspace| person.reaches(*workspace))
            .ok_or_else(nothing)?;
        let member = person.member_of(app, &seen_in.to_string()).await?;
        rights::require(action, Relation::OfOthers, member.0.role)?;
        return Err(nothing());
    }
    if runner.removed_at.is_some() {
        return Err(nothing());
    }
    let one_workspace = person
        .scopes
        .as_ref()
        .and_then(|limits| limits.workspace_id);
    if one_workspace.is_some() {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "The token reaches one workspace, and this concerns the runner everywhere.",
        )
        .hint("Use a token that is not limited to a workspace."));
    }
    Ok(runner)
}

fn line(person: &Person, runner: &Runner, action: &'static str) -> Audit {
    let subject = Subject::new("runner", runner.id, &runner.name);
    Audit::of_account(person.account.id, person.actor(), action, subject)
}

/// Tells everybody who looks, and the runner itself.
async fn tell(app: &App, runner: &Runner) -> ApiResult<()> {
    changes::runner_by_person(app, runner.account_id, runner.id).await?;
    app.orders_for(runner.id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_of_reasonable_length() {
        assert_eq!(checked_name("  build box ").unwrap(), "build box");
        for name in [
            "",
            "   ",
            "two\nlines",
            &"n".repeat(RUNNER_NAME_CHARS_MAX + 1),
        ] {
            assert!(checked_name(name).is_err(), "{name}");
        }
    }
}
