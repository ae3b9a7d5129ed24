//! The app's sentences about the service: status line, tooltip, durations.

use control::state::{Connection, ServiceState};

use crate::{
    indicator::{keyring_is_locked, waiting},
    link::Link,
};

/// The state in one line.
pub(crate) fn status(link: &Link) -> String {
    match link {
        Link::Starting => "Starting the runner service…".to_owned(),
        Link::Stopped => "Stopped".to_owned(),
        Link::Broken { message } => first_sentence(message),
        Link::Running { state } => status_of(state),
    }
}

fn status_of(state: &ServiceState) -> String {
    let jobs = jobs(state);
    if keyring_is_locked(state) {
        return "The keyring is locked".to_owned();
    }
    match &state.connection {
        Connection::SignedOut { .. } => return "Signed out".to_owned(),
        Connection::SigningIn { user_code, .. } => {
            return format!("Waiting for you to confirm {user_code}");
        }
        Connection::Removed => return "This runner was removed".to_owned(),
        Connection::Superseded => return "Another start of this runner took over".to_owned(),
        Connection::VersionUnsupported { .. } => return "This version is not supported".to_owned(),
        Connection::Connecting => return format!("Connecting to {}…", host(state)),
        Connection::Offline { .. } => return format!("Cannot reach {} · {jobs}", host(state)),
        Connection::Online => {}
    }
    if let Some(trouble) = state.troubles.first() {
        first_sentence(&trouble.message)
    } else if state.draining {
        match state.attempts.len() {
            0 => "Stopping…".to_owned(),
            1 => "Finishing 1 job, then stopping".to_owned(),
            n => format!("Finishing {n} jobs, then stopping"),
        }
    } else if let Some(pause) = &state.paused {
        match &pause.note {
            Some(note) => format!("Paused ({note}) · {jobs}"),
            None => format!("Paused · {jobs}"),
        }
    } else if state.attempts.is_empty() {
        format!("Ready · {jobs}")
    } else {
        format!("Working · {jobs}")
    }
}

/// What the icon says when it is pointed at or read aloud.
pub(crate) fn tooltip(link: &Link) -> String {
    let status = link
        .state()
        .filter(|state| waiting(state) > 0)
        .map_or_else(|| status(link), waits);
    format!("Coord Runner – {status}")
}

/// How many approvals and questions wait.
pub(crate) fn waits(state: &ServiceState) -> String {
    let approvals = counted(state.approvals.len(), "approval", "approvals");
    let questions = counted(state.questions.len(), "question", "questions");
    match (approvals, questions) {
        (Some(approvals), Some(questions)) => format!("{approvals} and {questions} waiting"),
        (Some(one), None) | (None, Some(one)) => format!("{one} waiting"),
        (None, None) => "nothing waiting".to_owned(),
    }
}

/// A duration in one unit, such as "4 min".
pub(crate) fn duration(millis: u64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        0 => "under a minute".to_owned(),
        1..=59 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// At most `max` characters of `text`, on one line.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = protocol::visible::visible(&line);
    if line.chars().count() <= max {
        return line;
    }
    let mut short: String = line.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn counted(n: usize, one: &str, many: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    }
}

fn jobs(state: &ServiceState) -> String {
    format!(
        "{} of {} jobs running",
        state.attempts.len(),
        state.slots.total
    )
}

fn host(state: &ServiceState) -> &str {
    let url = state.config.server.as_deref().unwrap_or("the coordinator");
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn first_sentence(message: &str) -> String {
    let sentence = message.split_once(". ").map_or(message, |(first, _)| first);
    shortened(sentence.trim_end_matches('.'), 80)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sample;

    fn running(change: impl FnOnce(&mut ServiceState)) -> Link {
        let mut state = sample::online();
        change(&mut state);
        Link::Running {
            state: Arc::new(state),
        }
    }

    #[test]
    fn the_status_line_says_the_state_and_the_jobs() {
        assert_eq!(status(&running(|_| {})), "Ready · 0 of 3 jobs running");
        let link = running(|state| {
            state.attempts.push(sample::attempt());
            state.connection = sample::offline();
        });
        assert_eq!(
            status(&link),
            "Cannot reach coord.example.com · 1 of 3 jobs running"
        );
        let link = running(|state| state.troubles.push(sample::trouble()));
        assert_eq!(status(&link), "The workspace directory is missing");
    }

    #[test]
    fn the_tooltip_names_what_waits() {
        let link = running(|state| state.approvals.push(sample::approval()));
        assert_eq!(tooltip(&link), "Coord Runner – 1 approval waiting");
    }

    #[test]
    fn long_titles_are_shortened_by_characters_and_put_on_one_line() {
        assert_eq!(shortened("a\nb  c", 10), "a b c");
        assert_eq!(shortened("ääääää", 4), "äää…");
        assert_eq!(shortened("a\u{202e}b", 20), "a[U+202E]b");
    }

    #[test]
    fn durations_grow_from_minutes_to_hours() {
        assert_eq!(duration(59_999), "under a minute");
        assert_eq!(duration(4 * 60_000), "4 min");
        assert_eq!(duration(125 * 60_000), "2 h 5 min");
    }
}
