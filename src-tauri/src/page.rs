//! Places in the window that the tray, a notification or a second start can ask for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A place in the window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "page", content = "of", rename_all = "snake_case")]
pub enum Page {
    /// Where the window was last.
    #[default]
    Last,
    /// The status, with what waits for a person on top.
    Status,
    /// The sign-in; it begins at once.
    SignIn,
    /// The log of one attempt, or of the newest.
    Logs(Option<String>),
    /// Attempts that ended.
    History,
    /// The settings.
    Settings,
    /// The question what to do with running jobs when the app quits.
    Quit,
}

/// A text that names no page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no page of the window; there are status, sign-in, logs, history, settings and quit"
)]
pub struct UnknownPage(String);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last => f.write_str("last"),
            Self::Status => f.write_str("status"),
            Self::SignIn => f.write_str("sign-in"),
            Self::Logs(None) => f.write_str("logs"),
            Self::Logs(Some(attempt)) => write!(f, "logs/{attempt}"),
            Self::History => f.write_str("history"),
            Self::Settings => f.write_str("settings"),
            Self::Quit => f.write_str("quit"),
        }
    }
}

impl FromStr for Page {
    type Err = UnknownPage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "last" => Self::Last,
            "status" => Self::Status,
            "sign-in" => Self::SignIn,
            "logs" => Self::Logs(None),
            "history" => Self::History,
            "settings" => Self::Settings,
            "quit" => Self::Quit,
            other => match other.strip_prefix("logs/") {
                Some(attempt) if !attempt.is_empty() => Self::Logs(Some(attempt.to_owned())),
                _ => return Err(UnknownPage(text.to_owned())),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_reads_back_from_its_text() {
        for page in [
            Page::Last,
            Page::Status,
            Page::SignIn,
            Page::Logs(None),
            Page::Logs(Some("0190".to_owned())),
            Page::History,
            Page::Settings,
            Page::Quit,
        ] {
            assert_eq!(page.to_string().parse(), Ok(page));
        }
        assert_eq!(
            "logs/".parse::<Page>(),
            Err(UnknownPage("logs/".to_owned()))
        );
    }
}
