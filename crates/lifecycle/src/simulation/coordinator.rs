//! One of the coordinators: what it remembers may be old, and what it decides the database decides.

use protocol::{ids::AttemptId, job::JobState, runner::StopReason};

use super::{
    broken::Broken,
    step::Fate,
    store::Store,
    wire::{AboutAttempt, Answer, Call, Entry, Reply, Sync, Upload},
};
use crate::attempt::{Event, Stage};

pub(super) struct Coordinator {
    pub(super) is_up: bool,
    /// Syncs that it holds open, with what they would be answered now.
    parked: Vec<(Sync, Answer)>,
    /// The jobs that were ready when it last looked.
    ready: Vec<usize>,
}

impl Coordinator {
    pub(super) fn new() -> Self {
        Self {
            is_up: true,
            parked: Vec::new(),
            ready: Vec::new(),
        }
    }

    /// Everything that was not in the database is gone.
    pub(super) fn crash(&mut self) {
        self.is_up = false;
        self.parked.clear();
        self.ready.clear();
    }

    pub(super) fn look(&mut self, store: &Store) {
        let jobs = store.jobs.iter().enumerate();
        self.ready = jobs
            .filter(|(_, job)| job.state == JobState::Ready)
            .map(|(n, _)| n)
            .collect();
    }

    /// Hands a job that it believes ready to a sync that it holds open.
    pub(super) fn hand(
        &mut self,
        store: &mut Store,
        job: usize,
        fate: Fate,
    ) -> Result<Option<(usize, Reply)>, String> {
        if !self.is_up || !self.ready.contains(&job) || fate == Fate::Failed {
            return Ok(None);
        }
        let Some(at) = self.parked.iter().position(|(sync, _)| sync.free_slots > 0) else {
            return Ok(None);
        };
        let (sync, mut answer) = self.parked.swap_remove(at);
        let claimed = store.claim(job, &sync)?;
        if fate != Fate::Well {
            if fate != Fate::CommittedUnknown {
                self.crash();
            }
            return Ok(None);
        }
        if claimed {
            answer.assignments = store.assignments(sync.runner);
        }
        Ok(Some((sync.runner, Reply::Answer(answer))))
    }

    pub(super) fn let_go(&mut self) -> Vec<(usize, Reply)> {
        let parked = self.parked.drain(..);
        parked
            .map(|(sync, answer)| (sync.runner, Reply::Answer(answer)))
            .collect()
    }

    /// Takes a call; what it answers at once.
    pub(super) fn take(
        &mut self,
        store: &mut Store,
        call: Call,
        parks: bool,
        fate: Fate,
    ) -> Result<Option<(usize, Reply)>, String> {
        if !self.is_up {
            return Ok(None);
        }
        if fate == Fate::Failed {
            return Ok(untrue_word(store, &call));
        }
        let reply = match call {
            Call::Sync(sync) => match store.sync(&sync)? {
                Some(answer) if parks && answer.may_wait() && fate == Fate::Well => {
                    self.parked.retain(|(held, _)| held.runner != sync.runner);
                    self.parked.push((sync, answer));
                    None
                }
                answer => answer.map(|answer| (sync.runner, Reply::Answer(answer))),
            },
            Call::Of {
                runner,
                id,
                fence,
                what,
            } => about(store, id, fence, &what, fate)?.map(|reply| (runner, reply)),
        };
        match fate {
            Fate::Well => Ok(reply),
            Fate::CommittedUnknown | Fate::Failed => Ok(None),
            Fate::CrashAfterCommit | Fate::CrashBetween => {
                self.crash();
                Ok(None)
            }
        }
    }
}

/// What a broken coordinator says of an upload that was rolled back.
fn untrue_word(store: &Store, call: &Call) -> Option<(usize, Reply)> {
    match call {
        Call::Of {
            runner,
            id,
            what: AboutAttempt::Upload(upload),
            ..
        } if store.broken == Some(Broken::AcknowledgedUncommitted) => {
            let kept = upload.first + upload.entries.len() as u64 - 1;
            Some((*runner, Reply::Kept(*id, kept)))
        }
        _ => None,
    }
}

fn about(
    store: &mut Store,
    id: AttemptId,
    fence: u64,
    what: &AboutAttempt,
    fate: Fate,
) -> Result<Option<Reply>, String> {
    let (job, claim) = store.find(id)?;
    match what {
        AboutAttempt::Upload(upload) => keep(store, id, fence, upload, fate).map(Some),
        AboutAttempt::NotTaken => {
            // Of an assignment that is not there any more nothing follows.
            let _ = store.apply(job, claim, Event::NotTaken { fence })?;
            Ok(None)
        }
        AboutAttempt::Part(part) => {
            if let Some(refused) = not_the_holder(store, id, fence)? {
                return Ok(Some(refused));
            }
            let now = store.now;
            store.objects.insert((id, *part), now);
            Ok(Some(Reply::PartStored(id, *part)))
        }
        AboutAttempt::Manifest(parts) => {
            if let Some(refused) = not_the_holder(store, id, fence)? {
                return Ok(Some(refused));
            }
            let all = parts
                .iter()
                .all(|part| store.objects.contains_key(&(id, *part)));
            if !all {
                return Ok(None);
            }
            store.jobs[job].attempts[claim].manifest = Some(parts.clone());
            Ok(Some(Reply::ManifestKept(id)))
        }
    }
}

/// Entries are always kept; the outcome is a transaction of its own, after them.
fn keep(
    store: &mut Store,
    id: AttemptId,
    fence: u64,
    upload: &Upload,
    fate: Fate,
) -> Result<Reply, String> {
    let kept = store.keep(id, upload)?;
    let (job, claim) = store.find(id)?;
    let ended = upload.entries.iter().find_map(|entry| match entry {
        Entry::Ended(outcome) => Some(*outcome),
        Entry::Said(_) => None,
    });
    let last = upload.first + upload.entries.len() as u64 - 1;
    let (Some(outcome), false) = (ended, fate == Fate::CrashBetween) else {
        return Ok(Reply::Kept(id, kept));
    };
    if kept == last {
        // It was counted before.
        return Ok(Reply::Kept(id, kept));
    }
    if kept + 1 != last {
        return Ok(Reply::Kept(id, kept));
    }
    match store.apply(job, claim, Event::Reported { fence, outcome })? {
        Ok(_) => {
            let at = &mut store.jobs[job].attempts[claim];
            at.outcomes += 1;
            at.kept.push(Entry::Ended(outcome));
            Ok(Reply::Kept(id, kept + 1))
        }
        Err(refused) => Ok(Reply::Refused {
            id,
            reason: refused.stop_reason(),
            outcome: true,
        }),
    }
}

/// Says no to whoever does not hold the attempt under its newest fence.
fn not_the_holder(store: &Store, id: AttemptId, fence: u64) -> Result<Option<Reply>, String> {
    let (job, claim) = store.find(id)?;
    let it = &store.jobs[job].attempts[claim];
    let is_holder = matches!(it.attempt.stage, Stage::Held { .. })
        && fence == it.attempt.fence
        && (store.jobs[job].fence == fence || store.broken == Some(Broken::FenceIgnored));
    Ok((!is_holder).then_some(Reply::Refused {
        id,
        reason: StopReason::FenceMovedOn,
        outcome: false,
    }))
}
