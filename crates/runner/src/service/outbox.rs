//! Sending the record of each attempt until the coordinator has kept every entry.
//!
//! Events go first, so that an approval never waits behind a flood of text. An
//! attempt's record is sent on after its end, and also after its fence has moved
//! on: what was done under it stays readable.

use std::{io, sync::Arc, time::Duration};

use lifecycle::retry::CALL;
use protocol::{
    error::ErrorCode,
    limits::{ENTRIES_PER_UPLOAD_MAX, UPLOAD_BYTES_MAX},
    record::{Event, EventEntry, LogEntry},
    runner::{AppendEvents, AppendLog, StopReason},
};
use tokio_util::sync::CancellationToken;

use super::{
    api::CallError,
    attempts::{Entry, Numbers, Sending},
    shared::Shared,
};
use crate::record::StreamReader;

/// Part of an upload's limit that is used: the limit counts text, a file has more around it.
const BATCH_BYTES_MAX: usize = UPLOAD_BYTES_MAX / 2;

/// An attempt says several things of itself in its first moments: they go in one upload,
/// and not while its agent is being started.
const FIRST_MOMENTS: Duration = Duration::from_millis(50);

/// One record on its way.
struct Outbox {
    shared: Arc<Shared>,
    entry: Arc<Entry>,
    events: StreamReader,
    log: StreamReader,
    /// Entries in one batch; fewer after one that was too large.
    batch_max: usize,
}

/// What one look at the record came to.
enum Step {
    /// Entries were sent, or the place to go on from was found.
    Moved,
    /// Everything that is written is kept.
    UpToDate,
    /// The coordinator takes no more.
    Refused,
}

/// Sends the record of `entry` until everything is kept after its end, or `stop`.
pub(crate) async fn run(shared: Arc<Shared>, entry: Arc<Entry>, stop: CancellationToken) {
    let mut outbox = Outbox {
        events: StreamReader::new(entry.folder.events()),
        log: StreamReader::new(entry.folder.log()),
        shared,
        entry,
        batch_max: ENTRIES_PER_UPLOAD_MAX,
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = outbox.send_all() => {}
    }
}

impl Outbox {
    async fn send_all(&mut self) {
        tokio::time::sleep(FIRST_MOMENTS).await;
        let mut written = self.entry.written.subscribe();
        let mut failures = 0;
        loop {
            written.mark_unchanged();
            match self.step().await {
                Ok(Step::Moved) => failures = 0,
                Ok(Step::UpToDate) => {
                    failures = 0;
                    if written.changed().await.is_err() {
                        return;
                    }
                }
                Ok(Step::Refused) => return,
                Err(error) => {
                    failures += 1;
                    let delay = CALL.delay_ms(
                        failures,
                        rand::random_range(0..=1000),
                        error.retry_after_ms(),
                    );
                    tracing::debug!(attempt = %self.entry.id(), %error, delay, "the record is sent later");
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
            }
        }
    }

    async fn step(&mut self) -> Result<Step, CallError> {
        let kept = self.entry.sending.borrow().kept();
        let written = *self.entry.written.borrow();
        let sent = if kept.events < written.events {
            self.send_events(kept).await
        } else if kept.log < written.log {
            self.send_log(kept).await
        } else {
            return Ok(Step::UpToDate);
        };
        match sent {
            Ok(numbers) => {
                failpoints::reached("runner.entries.acknowledged");
                self.keep(numbers).await;
                Ok(Step::Moved)
            }
            Err(error) => self.refused(error).await,
        }
    }

    async fn send_events(&mut self, kept: Numbers) -> Result<Numbers, CallError> {
        let after = kept.events;
        let entries: Vec<EventEntry> = self
            .events
            .after(after, self.batch_max, BATCH_BYTES_MAX)
            .map_err(CallError::Local)?;
        if entries.is_empty() {
            return Err(missing(&self.entry, after));
        }
        let upload = AppendEvents {
            fence: self.entry.assignment.fence,
            entries,
        };
        let call = self.shared.session.call().await?;
        let answer = call
            .api
            .events(&call.token, self.entry.id(), &upload)
            .await
            .map_err(|error| call.judged(error))?;
        Ok(Numbers {
            events: answer.kept,
            ..kept
        })
    }

    async fn send_log(&mut self, kept: Numbers) -> Result<Numbers, CallError> {
        let after = kept.log;
        // What the coordinator keeps must never be undone here by a power cut.
        self.log.sync().map_err(CallError::Local)?;
        let entries: Vec<LogEntry> = self
            .log
            .after(after, self.batch_max, BATCH_BYTES_MAX)
            .map_err(CallError::Local)?;
        if entries.is_empty() {
            return Err(missing(&self.entry, after));
        }
        let upload = AppendLog {
            fence: self.entry.assignment.fence,
            entries,
        };
        let call = self.shared.session.call().await?;
        let answer = call
            .api
            .log(&call.token, self.entry.id(), &upload)
            .await
            .map_err(|error| call.judged(error))?;
        Ok(Numbers {
            log: answer.kept,
            ..kept
        })
    }

    /// Asks how much the coordinator has, by sending nothing.
    async fn ask_kept(&mut self) -> Result<Numbers, CallError> {
        let call = self.shared.session.call().await?;
        let (id, fence) = (self.entry.id(), self.entry.assignment.fence);
        let nothing = AppendEvents {
            fence,
            entries: Vec::new(),
        };
        let events = call.api.events(&call.token, id, &nothing).await?.kept;
        let nothing = AppendLog {
            fence,
            entries: Vec::new(),
        };
        let log = call.api.log(&call.token, id, &nothing).await?.kept;
        Ok(Numbers { events, log })
    }

    async fn refused(&mut self, error: CallError) -> Result<Step, CallError> {
        let Some(code) = error.code() else {
            return Err(error);
        };
        match code {
            ErrorCode::EntriesMissing => {
                let numbers = self.ask_kept().await?;
                tracing::warn!(
                    attempt = %self.entry.id(), events = numbers.events, log = numbers.log,
                    "the coordinator has less of the record than it acknowledged; it is sent again"
                );
                self.keep(numbers).await;
                Ok(Step::Moved)
            }
            ErrorCode::TooLarge if self.batch_max > 1 => {
                self.batch_max /= 2;
                Ok(Step::Moved)
            }
            ErrorCode::FenceMovedOn => self.leave_out_the_end().await,
            ErrorCode::NotFound
            | ErrorCode::Forbidden
            | ErrorCode::Invalid
            | ErrorCode::TooLarge => {
                tracing::warn!(
                    attempt = %self.entry.id(), %error,
                    "the coordinator takes no more of the record; it stays on this machine"
                );
                Ok(self.give_up())
            }
            _ => Err(error),
        }
    }

    /// Under a fence that has moved on everything is kept but the end.
    async fn leave_out_the_end(&mut self) -> Result<Step, CallError> {
        self.entry.stopped(StopReason::FenceMovedOn);
        let kept = self.entry.sending.borrow().kept();
        let entries: Vec<EventEntry> = self
            .events
            .after(kept.events, self.batch_max, BATCH_BYTES_MAX)
            .map_err(CallError::Local)?;
        let before_end: Vec<EventEntry> = entries
            .into_iter()
            .take_while(|entry| !matches!(entry.event, Event::Ended { .. }))
            .collect();
        if before_end.is_empty() {
            let written = *self.entry.written.borrow();
            // The end was all that was left of the events; the log still goes.
            if kept.log < written.log {
                let numbers = self.send_log(kept).await?;
                self.keep(numbers).await;
                return Ok(Step::Moved);
            }
            return Ok(self.give_up());
        }
        let upload = AppendEvents {
            fence: self.entry.assignment.fence,
            entries: before_end,
        };
        let call = self.shared.session.call().await?;
        let sent = call.api.events(&call.token, self.entry.id(), &upload).await;
        match sent {
            Ok(answer) => {
                self.keep(Numbers {
                    events: answer.kept,
                    ..kept
                })
                .await;
                Ok(Step::Moved)
            }
            // An older coordinator may refuse all of it.
            Err(error) if error.code() == Some(ErrorCode::FenceMovedOn) => Ok(self.give_up()),
            Err(error) => Err(error),
        }
    }

    fn give_up(&self) -> Step {
        let kept = self.entry.sending.borrow().kept();
        self.entry.sending.send_replace(Sending::Refused(kept));
        Step::Refused
    }

    async fn keep(&self, numbers: Numbers) {
        if let Err(error) = self.shared.ledger.acked(self.entry.id(), numbers).await {
            // Sending again from an older place costs time, and loses nothing.
            tracing::warn!(%error, "the place in the record could not be written down");
        }
        self.entry.sending.send_replace(Sending::Kept(numbers));
    }
}

fn missing(entry: &Entry, after: u64) -> CallError {
    CallError::Local(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        format!(
            "the record in {} ends after entry {after}, though more was written",
            entry.folder.path().display()
        ),
    ))
}
