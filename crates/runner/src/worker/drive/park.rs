//! Waiting for a quota: the attempt holds its lease and its worker, and no slot.

use std::{io, time::Duration};

use protocol::{
    job::{Failure, Phase},
    record::Event,
    time::Timestamp,
};
use tokio::sync::mpsc;

use super::Drive;
use crate::{
    clock,
    link::{Asked, Parked},
};

/// Longest single sleep: a machine that was suspended wakes to another time of day.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// How a park ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unparked {
    /// Its time has come, and there is a slot.
    GoesOn,
    /// There was no slot for longer than an attempt may be parked at all.
    TooLong,
}

impl Drive {
    /// Waits until `until` and then for a slot, and goes on answering meanwhile.
    pub(super) async fn park(
        &mut self,
        until: Timestamp,
        failure: &Failure,
        asked: &mut mpsc::Receiver<Asked>,
    ) -> io::Result<Unparked> {
        // How long it may take is nobody's to set; only the agent's own "until" is a time of day.
        let since_ms = clock::steady_ms();
        let left_ms = self.parking.total_ms_max.saturating_sub(self.parked_ms);
        let gives_up_ms = since_ms.saturating_add(left_ms.max(until.millis_since(clock::now())));
        self.recorder.end_lines()?;
        self.recorder.event(Event::Parked {
            until,
            reason: failure.message.clone(),
        })?;
        self.recorder.flush()?;
        let mut parked = Parked {
            until,
            reason: failure.message.clone(),
            due: false,
        };
        self.show_parked(Some(parked.clone()));
        self.enter(Phase::Parked)?;
        self.may_go_on = false;
        let ended = loop {
            let now = clock::now();
            if !parked.due && now >= until {
                parked.due = true;
                self.show_parked(Some(parked.clone()));
            }
            if self.may_go_on || self.ending.is_some() {
                break Unparked::GoesOn;
            }
            let left_ms = gives_up_ms.saturating_sub(clock::steady_ms());
            if left_ms == 0 {
                break Unparked::TooLong;
            }
            let next_ms = if parked.due {
                left_ms
            } else {
                until.millis_since(now)
            };
            let wait = Duration::from_millis(next_ms + 1).min(LOOK_EVERY);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                Some(request) = asked.recv() => self.answer(request)?,
            }
        };
        self.parked_ms = self
            .parked_ms
            .saturating_add(clock::steady_ms().saturating_sub(since_ms));
        self.show_parked(None);
        self.recorder.event(Event::Unparked)?;
        Ok(ended)
    }

    fn show_parked(&self, parked: Option<Parked>) {
        self.status.send_modify(|status| status.parked = parked);
    }
}
