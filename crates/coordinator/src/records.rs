//! The record of an attempt, as people read it: pages of entries, and the log as plain text.

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use protocol::{
    ids::{AttemptId, JobId},
    record::{LogEntry, LogKind},
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Attempt, Entries};

use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    jobs,
};

/// How many entries are read at once for the plain text.
const ENTRIES_AT_ONCE: u32 = 1000;

/// A page of either stream; entries go out as they came in, also those of a newer version.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    entries: Vec<Box<RawValue>>,
    last: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
}

impl Page {
    /// A page of events.
    pub(crate) fn of_events(entries: Entries) -> ApiResult<Self> {
        Ok(Self {
            complete: None,
            ..Self::of_log(entries)?
        })
    }

    /// A page of log entries.
    pub(crate) fn of_log(entries: Entries) -> ApiResult<Self> {
        Ok(Self {
            entries: entries
                .json
                .into_iter()
                .map(RawValue::from_string)
                .collect::<Result<_, _>>()
                .map_err(|error| ApiError::internal(&error))?,
            last: entries.last,
            complete: Some(entries.ended),
        })
    }
}

/// The attempt, if the person may see its job.
pub(crate) async fn find(app: &App, person: &Person, id: JobId, number: u32) -> ApiResult<Attempt> {
    jobs::find(app, person, id).await?;
    app.store
        .attempt_by_number(id, number)
        .await?
        .ok_or_else(|| ApiError::not_found("attempt"))
}

/// The log so far as plain text, read page by page while it is sent.
pub(crate) fn plain_text(app: &App, attempt: &Attempt) -> Body {
    Body::from_stream(lines(app.clone(), attempt.at.attempt_id, attempt.log_last))
}

fn lines(app: App, id: AttemptId, last: u64) -> impl Stream<Item = Result<Bytes, Unreadable>> {
    stream::try_unfold((0, PlainText::default()), move |(after, mut plain)| {
        let app = app.clone();
        async move {
            if after >= last {
                return Ok(None);
            }
            let page = app.store.log(id, after, ENTRIES_AT_ONCE).await?;
            let mut reached = after;
            for json in page.map(|page| page.json).unwrap_or_default() {
                let entry: LogEntry = serde_json::from_str(&json)?;
                if entry.n > last {
                    break;
                }
                reached = entry.n;
                plain.push(&entry);
            }
            // An empty page ends the text rather than asking for it for ever.
            let next = if reached == after { last } else { reached };
            Ok(Some((Bytes::from(plain.take(next >= last)), (next, plain))))
        }
    })
    .inspect_err(|error: &Unreadable| {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "a log could not be sent whole"
        );
    })
}

/// Why a log breaks off.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the log cannot be read")]
    Store(#[from] store::Error),
    #[error("an entry of the log cannot be read")]
    Entry(#[from] serde_json::Error),
}

/// Entries as text; who speaks is said where it is not the agent itself.
#[derive(Debug, Default)]
struct PlainText {
    text: String,
    // Whose line is not at its end yet.
    open: Option<LogKind>,
}

impl PlainText {
    fn push(&mut self, entry: &LogEntry) {
        if self.open != Some(entry.kind) {
            self.end_line();
            self.text.push_str(prefix_of(entry.kind));
        }
        self.text.push_str(&entry.text);
        self.open = Some(entry.kind);
        if !entry.partial {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if self.open.take().is_some() {
            self.text.push('\n');
        }
    }

    fn take(&mut self, is_last: bool) -> String {
        if is_last {
            self.end_line();
        }
        std::mem::take(&mut self.text)
    }
}

const fn prefix_of(kind: LogKind) -> &'static str {
    match kind {
        LogKind::Text => "",
        LogKind::Thinking => "[thinking] ",
        LogKind::Tool => "[tool] ",
        LogKind::Stderr => "[stderr] ",
        LogKind::Runner => "[runner] ",
    }
}

#[cfg(test)]
mod tests {
    use protocol::time::Timestamp;

    use super::*;

    #[test]
    fn plain_text_says_who_speaks_and_joins_what_belongs_together() {
        let entry = |kind, text: &str, partial| LogEntry {
            n: 1,
            at: Timestamp(0),
            kind,
            text: text.to_owned(),
            partial,
        };
        let mut plain = PlainText::default();
        for entry in [
            entry(LogKind::Text, "hello", false),
            entry(LogKind::Tool, "3 ", true),
            entry(LogKind::Tool, "files", false),
            entry(LogKind::Text, "half a", true),
            entry(LogKind::Runner, "note", false),
            entry(LogKind::Text, "open", true),
        ] {
            plain.push(&entry);
        }
        assert_eq!(
            plain.take(true),
            "hello\n[tool] 3 files\nhalf a\n[runner] note\nopen\n"
        );
    }

    #[test]
    fn a_page_keeps_what_this_version_does_not_know() {
        let page = Page::of_events(Entries {
            json: vec![r#"{"n":1,"at":0,"event":{"type":"from_the_future","x":1}}"#.to_owned()],
            last: 1,
            ended: false,
        })
        .unwrap();
        let json = serde_json::to_string(&page).unwrap();
        assert!(json.contains("from_the_future"), "{json}");
    }
}
