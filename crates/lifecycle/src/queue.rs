//! Whose turn it is: the order in which Ready jobs are given out.
//!
//! A higher priority goes first. Within one, the submitter with the fewest jobs under
//! way is next, so that nobody waits behind another's whole queue; of one submitter,
//! the job that has waited longest.
//!
//! Not here: who may take a job (`routing`). The caller says for each job whether it
//! was taken.

use std::collections::{BTreeMap, VecDeque};

use protocol::{
    ids::{AccountId, JobId},
    job::Priority,
    time::Timestamp,
};

/// A Ready job that waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub id: JobId,
    /// Whose.
    pub submitter: AccountId,
    /// How soon it is taken, compared with others.
    pub priority: Priority,
    /// Since when it has been Ready.
    pub since: Timestamp,
    /// Jobs with the same word are the same to every runner: when none can take one of
    /// them now, none can take the others.
    pub lane: String,
}

/// What is known of a submitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Submitter {
    /// Jobs that are under way.
    pub under_way: u64,
    /// How many may be at once; none when there is no limit.
    pub limit: Option<u64>,
}

/// The jobs that wait, in the order of their turns.
#[derive(Debug, Clone)]
pub struct Queue {
    /// The most urgent last; within one, the lanes of each submitter.
    waiting: BTreeMap<Priority, BTreeMap<AccountId, Lanes>>,
    submitters: BTreeMap<AccountId, Submitter>,
}

/// A submitter's lanes of one priority, each with its oldest job first.
type Lanes = BTreeMap<String, VecDeque<Waiting>>;

/// What came of a job's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// A runner has it.
    Taken,
    /// No runner can take it now, nor any other of its lane.
    Passed,
    /// It is Ready no more.
    Gone,
}

impl Queue {
    /// The queue of `waiting`; a submitter who is not in `submitters` has nothing under way.
    pub fn new(mut waiting: Vec<Waiting>, submitters: BTreeMap<AccountId, Submitter>) -> Self {
        waiting.sort_by_key(Waiting::place);
        let mut queue = Self {
            waiting: BTreeMap::new(),
            submitters,
        };
        for job in waiting {
            queue
                .waiting
                .entry(job.priority)
                .or_default()
                .entry(job.submitter)
                .or_default()
                .entry(job.lane.clone())
                .or_default()
                .push_back(job);
        }
        queue
    }

    /// The job whose turn it is; none when nothing is left that may be given out.
    ///
    /// It stays where it is until [`Queue::came`] says what came of it.
    pub fn next(&self) -> Option<&Waiting> {
        self.waiting
            .values()
            .rev()
            .find_map(|submitters| self.next_of(submitters))
    }

    fn next_of<'a>(&'a self, submitters: &'a BTreeMap<AccountId, Lanes>) -> Option<&'a Waiting> {
        let turns = submitters.iter().filter_map(|(account, lanes)| {
            let submitter = self.submitter(*account);
            let free = submitter
                .limit
                .is_none_or(|limit| submitter.under_way < limit);
            let heads = lanes.values().filter_map(VecDeque::front);
            let oldest = heads.min_by_key(|job| job.place()).filter(|_| free)?;
            Some((submitter.under_way, oldest))
        });
        turns
            .min_by_key(|(under_way, job)| (*under_way, job.place()))
            .map(|(_, job)| job)
    }

    /// Goes on after the turn of `job`.
    pub fn came(&mut self, job: &Waiting, came: Came) {
        if came == Came::Taken {
            self.submitters.entry(job.submitter).or_default().under_way += 1;
        }
        let Some(submitters) = self.waiting.get_mut(&job.priority) else {
            return;
        };
        let Some(lanes) = submitters.get_mut(&job.submitter) else {
            return;
        };
        if let Some(lane) = lanes.get_mut(&job.lane) {
            lane.retain(|other| other.id != job.id);
            if came == Came::Passed || lane.is_empty() {
                lanes.remove(&job.lane);
            }
        }
        if lanes.is_empty() {
            submitters.remove(&job.submitter);
        }
    }

    fn submitter(&self, account: AccountId) -> Submitter {
        self.submitters.get(&account).copied().unwrap_or_default()
    }
}

impl Waiting {
    const fn place(&self) -> (Timestamp, JobId) {
        (self.since, self.id)
    }
}

#[cfg(test)]
mod tests;
