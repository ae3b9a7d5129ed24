//! The one writer of an attempt's record: both streams, without secrets.
//!
//! An event is safe on disk before anybody acts on it. Text is put together
//! into lines, and is seen after a quarter of a second even if its line is not
//! complete.

use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

use agents::redact::{Redactor, RedactorStream, SECRET_BYTES_MIN};
use protocol::{
    limits::LOG_TEXT_BYTES_MAX,
    record::{Event, LogKind, NoticeLevel},
    time::Timestamp,
};
use serde_json::Value;

use super::{
    lines::{Line, Piece},
    logfile::LogFile,
};
use crate::{clock, disk, folder::AttemptFolder, record::EventLog};

/// How long text may wait for the end of its line, and lines for being written.
const FLUSH_AFTER: Duration = Duration::from_millis(250);
/// Most events of one attempt; beyond it only what somebody must act on is kept.
const EVENTS_MAX: u64 = 50_000;
/// Longest text of one event that nobody has to judge in full.
const EVENT_TEXT_BYTES_MAX: usize = LOG_TEXT_BYTES_MAX;

/// Text of one kind on its way to lines.
struct Voice {
    kind: LogKind,
    /// Which tool speaks; lines of two tools are never put together.
    tool: Option<String>,
    secrets: RedactorStream,
    line: Line,
}

/// The record of an attempt, open for writing.
pub(crate) struct Recorder {
    events: EventLog,
    log: LogFile,
    redactor: Redactor,
    voices: Vec<Voice>,
    /// When something began to wait for being written.
    waiting_since: Option<Instant>,
    /// Events for which there was no room yet, in order.
    held_back: VecDeque<(Timestamp, Event)>,
    /// Whether the log could not be written, for want of room.
    log_stuck: bool,
}

impl Recorder {
    /// Opens the record in `folder`, after what is there already.
    pub(crate) fn open(
        folder: &AttemptFolder,
        redactor: Redactor,
        log_bytes_max: u64,
    ) -> io::Result<Self> {
        Ok(Self {
            events: EventLog::open(&folder.events())?,
            log: LogFile::open(&folder.log(), log_bytes_max)?,
            redactor,
            voices: Vec::new(),
            waiting_since: None,
            held_back: VecDeque::new(),
            log_stuck: false,
        })
    }

    /// Numbers of the last event and the last log entry that others can read.
    pub(crate) fn written(&self) -> (u64, u64) {
        (self.events.last(), self.log.last_written())
    }

    /// Whether something waits in memory, since the disk has no room for it.
    pub(crate) fn is_stuck(&self) -> bool {
        self.log_stuck || !self.held_back.is_empty()
    }

    /// Writes what waits, in order; what finds no room waits on.
    pub(crate) fn try_again(&mut self) -> io::Result<()> {
        while let Some((at, event)) = self.held_back.front() {
            match self.events.append(*at, event.clone()) {
                Ok(_) => drop(self.held_back.pop_front()),
                Err(error) if disk::is_full(&error) => break,
                Err(error) => return Err(error),
            }
        }
        let written = self.log.write();
        self.log_stuck = false;
        borne(&mut self.log_stuck, written)
    }

    /// What hides the secrets, for what is not written by the recorder itself.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Tells the person of secrets that are too short to be hidden, where there are any.
    pub(crate) fn tell_of_short_secrets(&mut self) -> io::Result<()> {
        let count = self.redactor.too_short();
        if count == 0 {
            return Ok(());
        }
        self.event(Event::Notice {
            level: NoticeLevel::Warning,
            message: format!(
                "Secrets in the agent's environment with less than {SECRET_BYTES_MIN} bytes are not hidden in this record ({count})."
            ),
        })
    }

    /// Writes an event, and makes sure that it is on disk.
    pub(crate) fn event(&mut self, event: Event) -> io::Result<()> {
        let last = self.events.last() + self.held_back.len() as u64;
        let left_out = last >= EVENTS_MAX && !must_be_kept(&event);
        if left_out {
            return Ok(());
        }
        let event = if last + 1 == EVENTS_MAX && !must_be_kept(&event) {
            Event::Notice {
                level: NoticeLevel::Warning,
                message: format!(
                    "The attempt has {EVENTS_MAX} events. From here on tool calls are not listed; approvals, questions and the end still are."
                ),
            }
        } else {
            self.without_secrets(event)
        };
        let at = clock::now();
        if self.held_back.is_empty() {
            match self.events.append(at, event.clone()) {
                Err(error) if disk::is_full(&error) => {
                    tracing::warn!(%error, "the record waits for room on the disk");
                }
                appended => return appended.map(drop),
            }
        }
        self.held_back.push_back((at, event));
        Ok(())
    }

    /// Takes in a piece of text as it comes.
    pub(crate) fn text(&mut self, kind: LogKind, text: &str) -> io::Result<()> {
        self.piece_of(kind, None, text)
    }

    /// Takes in a piece of what the tool behind `tool_call` prints.
    pub(crate) fn tool_output(&mut self, tool_call: &str, text: &str) -> io::Result<()> {
        self.piece_of(LogKind::Tool, Some(tool_call), text)
    }

    /// Takes in a whole line of the runner's own.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        self.end_lines()?;
        self.piece_of(LogKind::Runner, None, text)?;
        self.end_lines()
    }

    fn piece_of(&mut self, kind: LogKind, tool: Option<&str>, text: &str) -> io::Result<()> {
        // Another speaker begins on a new line, as a reader expects; what a
        // program prints beside its protocol interrupts nobody.
        let same = |voice: &Voice| voice.kind == kind && voice.tool.as_deref() == tool;
        if kind != LogKind::Stderr {
            self.end_lines_where(|voice| voice.kind != LogKind::Stderr && !same(voice))?;
        }
        let place = self.voices.iter().position(same).unwrap_or_else(|| {
            self.voices.push(Voice {
                kind,
                tool: tool.map(ToOwned::to_owned),
                secrets: self.redactor.stream(),
                line: Line::default(),
            });
            self.voices.len() - 1
        });
        let voice = &mut self.voices[place];
        let safe = voice.secrets.push(text);
        for piece in voice.line.push(&safe) {
            let pushed = self.log.push(clock::now(), kind, piece);
            borne(&mut self.log_stuck, pushed)?;
        }
        self.waiting_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Ends every line under way: what follows does not belong to it.
    pub(crate) fn end_lines(&mut self) -> io::Result<()> {
        self.end_lines_where(|_| true)
    }

    fn end_lines_where(&mut self, ends: impl Fn(&Voice) -> bool) -> io::Result<()> {
        let (ended, rest) = std::mem::take(&mut self.voices).into_iter().partition(ends);
        self.voices = rest;
        let ended: Vec<Voice> = ended;
        for mut voice in ended {
            let held_back = voice.secrets.finish();
            let mut pieces: Vec<Piece> = voice.line.push(&held_back);
            pieces.extend(voice.line.end());
            for piece in pieces {
                let pushed = self.log.push(clock::now(), voice.kind, piece);
                borne(&mut self.log_stuck, pushed)?;
            }
            self.waiting_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// When [`Recorder::flush`] is due; none while nothing waits.
    pub(crate) fn flush_at(&self) -> Option<Instant> {
        self.waiting_since.map(|since| since + FLUSH_AFTER)
    }

    /// Lets everybody see what waits.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        for voice in &mut self.voices {
            if let Some(piece) = voice.line.flush() {
                let pushed = self.log.push(clock::now(), voice.kind, piece);
                borne(&mut self.log_stuck, pushed)?;
            }
        }
        self.waiting_since = None;
        let written = self.log.write();
        borne(&mut self.log_stuck, written)
    }

    /// Ends the record of this worker; says where the log ends and its digest.
    ///
    /// On a full disk it can be called again.
    pub(crate) fn close(&mut self) -> io::Result<(u64, String)> {
        self.end_lines()?;
        self.waiting_since = None;
        self.try_again()?;
        if self.is_stuck() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let closed = self.log.close();
        self.log_stuck = closed.as_ref().is_err_and(disk::is_full);
        closed
    }

    fn without_secrets(&self, event: Event) -> Event {
        let shorten = !must_be_kept(&event);
        let Ok(mut value) = serde_json::to_value(&event) else {
            return event;
        };
        self.clean(&mut value, shorten);
        serde_json::from_value(value).unwrap_or(event)
    }

    fn clean(&self, value: &mut Value, shorten: bool) {
        match value {
            Value::String(text) => {
                let mut clean = self.redactor.text(text);
                if shorten && clean.len() > EVENT_TEXT_BYTES_MAX {
                    clean.truncate(clean.floor_char_boundary(EVENT_TEXT_BYTES_MAX));
                    clean.push('…');
                }
                *text = clean;
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean(item, shorten)),
            Value::Object(fields) => {
                fields
                    .iter_mut()
                    .for_each(|(_, field)| self.clean(field, shorten));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A full disk is borne: what was to be written waits in memory, and `stuck` says so.
fn borne(stuck: &mut bool, written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if disk::is_full(&error) => {
            *stuck = true;
            Ok(())
        }
        written => written,
    }
}

/// Whether somebody has to see the event whole, however many there are.
fn must_be_kept(event: &Event) -> bool {
    match event {
        Event::PhaseChanged { .. }
        | Event::SessionStarted { .. }
        | Event::ApprovalRequested { .. }
        | Event::ApprovalSettled { .. }
        | Event::ApprovalWithdrawn { .. }
        | Event::QuestionAsked { .. }
        | Event::QuestionSettled { .. }
        | Event::QuestionWithdrawn { .. }
        | Event::Retrying { .. }
        | Event::Parked { .. }
        | Event::Unparked
        | Event::Ended { .. } => true,
        Event::ToolStarted { .. }
        | Event::ToolEnded { .. }
        | Event::PlanUpdated { .. }
        | Event::UsageReported { .. }
        | Event::Notice { .. }
        | Event::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use protocol::record::{EventEntry, LogEntry};

    use super::*;

    fn recorder(folder: &tempfile::TempDir, secrets: &[&str]) -> (AttemptFolder, Recorder) {
        let folder = AttemptFolder::at(folder.path());
        let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        let recorder = Recorder::open(&folder, Redactor::new(&secrets), 1_000_000).unwrap();
        (folder, recorder)
    }

    fn log(folder: &AttemptFolder) -> Vec<LogEntry> {
        let text = std::fs::read_to_string(folder.log()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn text_is_seen_before_its_line_ends_and_speakers_do_not_share_a_line() {
        let temp = tempfile::tempdir().unwrap();
        let (folder, mut recorder) = recorder(&temp, &[]);
        recorder.text(LogKind::Text, "wor").unwrap();
        assert!(recorder.flush_at().is_some());
        recorder.flush().unwrap();
        assert!(recorder.flush_at().is_none());
        recorder.text(LogKind::Text, "ds\nmore").unwrap();
        recorder.tool_output("a", "one").unwrap();
        recorder.tool_output("b", "two\n").unwrap();
        let (last, _) = recorder.close().unwrap();
        let seen: Vec<_> = log(&folder)
            .into_iter()
            .map(|entry| (entry.kind, entry.text, entry.partial))
            .collect();
        assert_eq!(
            seen,
            [
                (LogKind::Text, "wor".to_owned(), true),
                (LogKind::Text, "ds".to_owned(), false),
                (LogKind::Text, "more".to_owned(), false),
                (LogKind::Tool, "one".to_owned(), false),
                (LogKind::Tool, "two".to_owned(), false),
            ]
        );
        assert_eq!(last, 5);
    }

    #[test]
    fn a_secret_that_is_too_short_is_told_of() {
        let temp = tempfile::tempdir().unwrap();
        let (folder, mut recorder) = recorder(&temp, &["hunter2-hunter2", "abc"]);
        recorder.tell_of_short_secrets().unwrap();
        recorder.close().unwrap();
        let events = std::fs::read_to_string(folder.events()).unwrap();
        assert!(events.contains("less than 6 bytes") && events.contains("(1)"));
        assert!(!events.contains("abc"));
    }

    #[test]
    fn a_secret_is_hidden_in_both_streams_wherever_it_is_split() {
        let temp = tempfile::tempdir().unwrap();
        let (folder, mut recorder) = recorder(&temp, &["hunter2-hunter2"]);
        recorder.text(LogKind::Text, "key hunter2-hu").unwrap();
        recorder.flush().unwrap();
        recorder.text(LogKind::Text, "nter2 end\n").unwrap();
        recorder
            .event(Event::ToolStarted {
                tool_call: "t".to_owned(),
                kind: protocol::record::ToolKind::Run,
                title: "echo hunter2-hunter2".to_owned(),
                detail: Some("x".repeat(100_000)),
            })
            .unwrap();
        recorder.close().unwrap();
        let events = std::fs::read_to_string(folder.events()).unwrap();
        let log = std::fs::read_to_string(folder.log()).unwrap();
        assert!(!events.contains("hunter2") && !log.contains("hunter2"));
        assert!(log.contains("end"));
        let entry: EventEntry = serde_json::from_str(events.trim_end()).unwrap();
        assert_eq!(entry.n, 1);
        assert!(events.len() < 2 * EVENT_TEXT_BYTES_MAX);
    }
}
