//! The tray's menu as plain data, made anew from every state and compared with the last.

use control::state::{Connection, ServiceState};
use protocol::time::Timestamp;

use crate::{
    indicator::{Indicator, waiting},
    link::Link,
    page::Page,
    words,
};

/// At most this many running jobs stand in the menu.
const JOBS_SHOWN: usize = 5;
const MINUTE: u64 = 60_000;

/// What a row does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Opens the window at a page, or brings it forward.
    Open(Page),
    /// Opens the coordinator's web app.
    Board(String),
    /// Takes no new jobs, for so many milliseconds or until resumed.
    Pause(Option<u64>),
    /// Takes jobs again.
    Resume,
    /// Starts the service after it was stopped.
    Start,
    /// Lets the service finish its jobs, and starts the newer one.
    Renew,
    /// Ends the app; asks first when jobs run.
    Quit,
    /// Ends the tray only; the service is not the app's own.
    Leave,
}

/// One row of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// Says something and does nothing.
    Note(String),
    /// Does something.
    Item(String, Action),
    /// Rows of its own; never more than one level deep.
    Group(String, Vec<Self>),
    /// A line between.
    Separator,
}

/// What the menu is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// How the app stands with the service.
    pub link: &'a Link,
    /// The icon's state.
    pub indicator: Indicator,
    /// Whether this app started the service, and so ends it when it quits.
    pub own_service: bool,
    /// The time, for elapsed times.
    pub now: Timestamp,
    /// How long it is until tomorrow morning, in milliseconds.
    pub until_tomorrow: u64,
}

/// The menu that `facts` call for.
pub(crate) fn rows(facts: Facts<'_>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(14);
    let state = facts.link.state();
    let signed_out =
        state.is_some_and(|state| matches!(state.connection, Connection::SignedOut { .. }));
    if signed_out {
        rows.push(item("Sign in…", Action::Open(Page::SignIn)));
    }
    rows.push(Row::Note(words::status(facts.link)));
    if let Some(state) = state {
        about_work(&mut rows, state, facts);
    }
    match facts.link {
        Link::Stopped | Link::Broken { .. } => rows.push(item("Start runner", Action::Start)),
        Link::Starting | Link::Running { .. } => {}
    }
    rows.push(Row::Separator);
    rows.push(item("Open Coord Runner", Action::Open(Page::Last)));
    if let Some(server) = state.and_then(|state| state.config.server.clone()) {
        rows.push(item("Open board in browser", Action::Board(server)));
    }
    rows.push(item("Settings…", Action::Open(Page::Settings)));
    rows.push(Row::Separator);
    if let Some(account) = state.and_then(|state| state.account.as_ref()) {
        let name = words::shortened(&account.name, 40);
        rows.push(Row::Note(format!("Signed in as {name}")));
    }
    rows.push(leave(facts, state));
    rows
}

fn about_work(rows: &mut Vec<Row>, state: &ServiceState, facts: Facts<'_>) {
    if waiting(state) > 0 {
        let label = format!("⚠ {}…", words::waits(state));
        rows.push(item(label, Action::Open(Page::Status)));
    }
    if facts.indicator == Indicator::Update {
        rows.push(item("Update ready – restart the runner", Action::Renew));
    }
    if !state.attempts.is_empty() {
        rows.push(Row::Separator);
    }
    for attempt in state.attempts.iter().take(JOBS_SHOWN) {
        let title = words::shortened(&attempt.title, 40);
        let elapsed = words::duration(facts.now.millis_since(attempt.started_at));
        let page = Page::Logs(Some(attempt.attempt_id.to_string()));
        rows.push(item(format!("● {title} – {elapsed}"), Action::Open(page)));
    }
    let more = state.attempts.len().saturating_sub(JOBS_SHOWN);
    if more > 0 {
        rows.push(Row::Note(format!("and {more} more")));
    }
    if state.runner.is_none() {
        return;
    }
    rows.push(Row::Separator);
    rows.push(if state.paused.is_some() || state.draining {
        item("Resume", Action::Resume)
    } else {
        pause(facts.until_tomorrow)
    });
}

fn pause(until_tomorrow: u64) -> Row {
    let choices = [
        ("15 minutes", Some(15 * MINUTE)),
        ("1 hour", Some(60 * MINUTE)),
        ("Until tomorrow", Some(until_tomorrow)),
        ("Until I resume", None),
    ];
    let rows = choices
        .into_iter()
        .map(|(label, millis)| item(label, Action::Pause(millis)))
        .collect();
    Row::Group("Pause for".to_owned(), rows)
}

fn leave(facts: Facts<'_>, state: Option<&ServiceState>) -> Row {
    if state.is_some() && !facts.own_service {
        item("Quit tray (runner keeps working)", Action::Leave)
    } else {
        item("Quit…", Action::Quit)
    }
}

fn item(label: impl Into<String>, action: Action) -> Row {
    Row::Item(label.into(), action)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sample;

    fn menu(change: impl FnOnce(&mut ServiceState), own_service: bool) -> Vec<Row> {
        let mut state = sample::online();
        change(&mut state);
        let link = Link::Running {
            state: Arc::new(state),
        };
        rows(Facts {
            link: &link,
            indicator: Indicator::of(&link, "0.1.0"),
            own_service,
            now: Timestamp(240_000),
            until_tomorrow: MINUTE,
        })
    }

    fn labels(rows: &[Row]) -> Vec<&str> {
        rows.iter()
            .map(|row| match row {
                Row::Note(label) | Row::Item(label, _) | Row::Group(label, _) => label.as_str(),
                Row::Separator => "-",
            })
            .collect()
    }

    #[test]
    fn a_ready_runner_shows_its_status_first_and_quit_last() {
        assert_eq!(
            labels(&menu(|_| {}, true)),
            [
                "Ready · 0 of 3 jobs running",
                "-",
                "Pause for",
                "-",
                "Open Coord Runner",
                "Open board in browser",
                "Settings…",
                "-",
                "Signed in as Ada",
                "Quit…",
            ]
        );
    }

    #[test]
    fn signed_out_the_menu_begins_with_sign_in() {
        let rows = menu(
            |state| {
                state.connection = Connection::SignedOut { because: None };
                state.runner = None;
                state.account = None;
            },
            true,
        );
        assert_eq!(
            rows.first(),
            Some(&item("Sign in…", Action::Open(Page::SignIn)))
        );
        assert!(!labels(&rows).contains(&"Pause for"));
    }

    #[test]
    fn what_waits_stands_above_what_runs() {
        let rows = menu(
            |state| {
                state.attempts.push(sample::attempt());
                state.approvals.push(sample::approval());
            },
            true,
        );
        assert_eq!(
            labels(&rows).get(1..4),
            Some(
                [
                    "⚠ 1 approval waiting…",
                    "-",
                    "● Fix the login redirect – 4 min"
                ]
                .as_slice()
            )
        );
    }

    #[test]
    fn the_menu_stays_short_however_many_jobs_run() {
        let rows = menu(
            |state| {
                state.attempts = vec![sample::attempt(); 40];
                state.approvals.push(sample::approval());
            },
            true,
        );
        let shown = rows.iter().filter(|row| **row != Row::Separator).count();
        assert!(shown <= 14, "{shown} rows");
        assert!(labels(&rows).contains(&"and 35 more"));
    }

    #[test]
    fn a_service_that_somebody_else_started_outlives_the_tray() {
        let rows = menu(|_| {}, false);
        assert_eq!(
            rows.last(),
            Some(&item("Quit tray (runner keeps working)", Action::Leave))
        );
    }
}
