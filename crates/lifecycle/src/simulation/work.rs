//! An attempt on its runner: what its journal and its folder say of it.

use std::collections::BTreeSet;

use protocol::{
    job::{Failure, FailureClass, OutcomeKind, Phase},
    time::Timestamp,
};

use super::wire::Entry;
use crate::{
    held::{self, Held},
    retry::{self, Decision, Tried},
};

pub(super) struct Work {
    pub(super) held: Held,
    pub(super) written: Vec<Entry>,
    pub(super) acked: u64,
    /// What was stopped or has ended is sent to its last entry and listed no more.
    pub(super) listed: bool,
    /// Files that the agent made.
    pub(super) parts: Vec<u64>,
    pub(super) stored: BTreeSet<u64>,
    pub(super) manifest_kept: bool,
    /// How it ended, once it is to be handed over.
    outcome: Option<OutcomeKind>,
    try_number: u32,
    pub(super) parked_ms: u64,
    /// When a wait ends: by the calendar, and by the clock that nobody sets.
    wait: Option<Wait>,
}

#[derive(Clone, Copy)]
struct Wait {
    began_ms: u64,
    until_ms: u64,
    until: Option<Timestamp>,
}

/// The two clocks of a machine.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    pub(super) now_ms: u64,
    pub(super) calendar: Timestamp,
}

impl Work {
    pub(super) fn accepted(fence: u64) -> Self {
        Self {
            held: held::accepted(fence),
            written: Vec::new(),
            acked: 0,
            listed: true,
            parts: Vec::new(),
            stored: BTreeSet::new(),
            manifest_kept: false,
            outcome: None,
            try_number: 1,
            parked_ms: 0,
            wait: None,
        }
    }

    fn is_working(&self) -> bool {
        self.held.stopped.is_none()
            && self.outcome.is_none()
            && !matches!(self.held.phase, Phase::Assigned | Phase::Ended)
    }

    /// The agent goes on by one word, and now and then makes a file.
    pub(super) fn goes_on(&mut self, clocks: Clocks, word: u64) {
        if !self.is_working() {
            return;
        }
        if let Some(wait) = self.wait {
            let is_over = match wait.until {
                // A calendar that was set back lengthens no wait beyond what was agreed.
                Some(until) => clocks.calendar >= until || clocks.now_ms >= wait.until_ms,
                None => clocks.now_ms >= wait.until_ms,
            };
            if !is_over {
                return;
            }
            if wait.until.is_some() {
                let waited = clocks.now_ms.saturating_sub(wait.began_ms);
                self.parked_ms += waited.min(wait.until_ms - wait.began_ms);
            }
            self.wait = None;
        }
        self.held.phase = Phase::Running;
        self.written.push(Entry::Said(word));
        if word.is_multiple_of(3) {
            self.parts.push(word);
        }
    }

    pub(super) fn agent_fails(&mut self, quota_ms: Option<u64>, clocks: Clocks) {
        if !self.is_working() || self.wait.is_some() || self.held.phase != Phase::Running {
            return;
        }
        let class = match quota_ms {
            Some(_) => FailureClass::Quota,
            None => FailureClass::Transient,
        };
        let failure = Failure {
            class,
            message: String::new(),
            hint: None,
            until: quota_ms.map(|ms| clocks.calendar.plus_millis(ms)),
        };
        let tried = Tried {
            try_number: self.try_number,
            parked_ms: self.parked_ms,
            jitter_permille: 500,
            now: clocks.calendar,
        };
        let (phase, until_ms, until) =
            match retry::after_failure(&retry::AGENT, &retry::PARKING, &failure, tried) {
                Decision::Again {
                    try_number,
                    delay_ms,
                } => {
                    self.try_number = try_number;
                    (Phase::Retrying, clocks.now_ms + delay_ms, None)
                }
                Decision::Park { until } => {
                    let wait_ms = until.millis_since(clocks.calendar);
                    (Phase::Parked, clocks.now_ms + wait_ms, Some(until))
                }
                Decision::Stop(_) => return self.ends(OutcomeKind::Failed),
            };
        self.held.phase = phase;
        self.wait = Some(Wait {
            began_ms: clocks.now_ms,
            until_ms,
            until,
        });
    }

    /// Nothing further is done; what is there is handed over.
    pub(super) fn ends(&mut self, outcome: OutcomeKind) {
        if self.is_working() {
            self.held.phase = Phase::Publishing;
            self.outcome = Some(outcome);
            self.wait = None;
        }
    }

    pub(super) fn may_finish(&self) -> bool {
        self.is_working() && self.wait.is_none()
    }

    /// What is handed over next, once a lease allows it.
    pub(super) fn next_to_publish(&self) -> Option<Publishing> {
        let outcome = self.outcome?;
        if self.held.stopped.is_some() || self.held.phase != Phase::Publishing {
            return None;
        }
        if let Some(part) = self.parts.iter().find(|part| !self.stored.contains(part)) {
            return Some(Publishing::Part(*part));
        }
        if !self.manifest_kept && !self.parts.is_empty() {
            return Some(Publishing::Manifest);
        }
        let everything = self.acked == self.written.len() as u64;
        everything.then_some(Publishing::Outcome(outcome))
    }
}

/// One step of handing over.
pub(super) enum Publishing {
    Part(u64),
    Manifest,
    Outcome(OutcomeKind),
}
