//! A log as plain text.

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use protocol::{
    ids::AttemptId,
    record::{LogEntry, LogKind},
};
use store::Attempt;

use super::log::{self, Unreadable};
use crate::app::App;

/// How many entries are read at once.
const ENTRIES_AT_ONCE: u32 = 1000;

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
            let page = log::entries(&app, id, after, ENTRIES_AT_ONCE).await?;
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
}
