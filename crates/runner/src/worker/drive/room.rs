//! A full disk: the record waits in memory, and the agent waits until it is written.
//!
//! While there is no room nothing further of the agent is taken in, so what waits
//! stays small, and what may only happen once it is on the disk has not happened.
//! Requests of the service are answered all along: the attempt is alive.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::Drive;
use crate::{
    disk,
    folder::AttemptFolder,
    link::Asked,
    worker::plan::{self, WorkerIdentity},
};

/// Time between two tries to write.
const TRY_EVERY: Duration = Duration::from_millis(500);

/// What waits for room on the disk.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Whether a service that starts anew cannot know yet which process this is.
    nameless: bool,
    /// What is known of the session, and is not written down.
    pub(super) session: Option<(Option<String>, Option<process::Identity>)>,
    /// What follows once everything is written.
    then: Vec<Box<dyn FnOnce() + Send>>,
    /// When it is tried again.
    next_try: Option<Instant>,
}

impl Waiting {
    /// Says which process this is, for a service that starts anew; where there is no room for
    /// that it waits, and so does the agent.
    pub(crate) fn introduced(folder: &AttemptFolder) -> io::Result<Self> {
        let mut waiting = Self::default();
        waiting.introduce(folder)?;
        Ok(waiting)
    }

    fn introduce(&mut self, folder: &AttemptFolder) -> io::Result<()> {
        let Some(process) = process::Identity::own() else {
            return Ok(());
        };
        let written = plan::write_for_now(&folder.worker(), &WorkerIdentity { process });
        self.nameless = written.as_ref().is_err_and(disk::is_full);
        if self.nameless {
            return Ok(());
        }
        failpoints::reached("worker.identity.written");
        written
    }
}

impl Drive {
    /// Whether something could not be written, for want of room.
    pub(super) fn is_stuck(&self) -> bool {
        self.waiting.nameless || self.waiting.session.is_some() || self.recorder.is_stuck()
    }

    /// When the disk is tried again; none while everything is written.
    pub(super) fn try_again_at(&mut self) -> Option<Instant> {
        if !self.is_stuck() {
            self.waiting.next_try = None;
            return None;
        }
        let next = || Instant::now() + TRY_EVERY;
        Some(*self.waiting.next_try.get_or_insert_with(next))
    }

    /// Writes what waits, as far as there is room.
    pub(super) fn try_again(&mut self) -> io::Result<()> {
        self.waiting.next_try = None;
        if self.waiting.nameless {
            self.waiting.introduce(&self.folder)?;
        }
        if self.waiting.session.is_some() {
            self.keep_session(None, None)?;
        }
        self.recorder.try_again()?;
        if !self.is_stuck() {
            tracing::info!("there is room on the disk again; the attempt goes on");
            for tell in std::mem::take(&mut self.waiting.then) {
                tell();
            }
            self.publish();
        }
        Ok(())
    }

    /// Does `tell` once everything that was said before it is on the disk.
    pub(super) fn once_kept(&mut self, tell: Box<dyn FnOnce() + Send>) {
        if self.is_stuck() {
            self.waiting.then.push(tell);
        } else {
            tell();
        }
    }

    /// Waits until everything is written, and goes on answering meanwhile.
    pub(crate) async fn wait_for_room(
        &mut self,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<()> {
        while let Some(at) = self.try_again_at() {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(at.into()) => self.try_again()?,
                Some(request) = asked.recv() => self.answer(request)?,
            }
        }
        Ok(())
    }
}
