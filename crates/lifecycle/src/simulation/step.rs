//! What can happen, and how chance becomes it.

use super::world::{COORDINATORS, JOBS, RUNNERS};

/// How a coordinator and its database fare with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Well,
    /// Committed, and the word of it never came.
    CommittedUnknown,
    /// Rolled back.
    Failed,
    /// Committed; the coordinator died before it answered.
    CrashAfterCommit,
    /// A call of several transactions ended after the first.
    CrashBetween,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Wait(u64),
    /// Long enough for a lease and its grace to pass; coordinators work, and nobody reaches them.
    Silence,
    Reconcile(usize),
    /// What is in the object store and in no row.
    SweepObjects(usize),
    CoordinatorCrash(usize),
    CoordinatorStart(usize),
    /// The clock of the database jumps.
    ClockJump(i64),
    /// It looks at the queue, and remembers it.
    Look(usize),
    /// It hands a job to a sync that it holds open, by what it remembers.
    Hand {
        at: usize,
        job: usize,
        fate: Fate,
    },
    /// It answers every sync that it holds open.
    LetGo(usize),
    Cancel(usize),
    Sync(usize),
    /// A sync and its answer without trouble; what else is under way stays so.
    Exchange {
        runner: usize,
        at: usize,
    },
    Work(usize),
    /// The agents of a runner fail, and may name a moment at which to try again.
    AgentFails {
        runner: usize,
        quota_ms: Option<u64>,
    },
    Finish {
        runner: usize,
        well: bool,
    },
    Publish(usize),
    Upload {
        runner: usize,
        most: usize,
    },
    Refuse(usize),
    WorkerAnswers {
        runner: usize,
        answers: bool,
    },
    Pause {
        runner: usize,
        paused: bool,
    },
    Drain {
        runner: usize,
        drains: bool,
    },
    /// The service dies and is started anew.
    Crash(usize),
    /// The machine sleeps: nothing of it moves, and its clock counts on.
    Sleep(usize),
    Wake(usize),
    CalendarJump {
        runner: usize,
        by_ms: i64,
    },
    Deliver {
        which: usize,
        at: usize,
        parks: bool,
        fate: Fate,
    },
    /// A reply arrives, and its runner dies in the middle of taking it in.
    DeliverAndCrash {
        which: usize,
        after: usize,
    },
    Lose(usize),
    Repeat(usize),
}

/// A number of equal chances, used up piece by piece.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        let taken = self.0 % end;
        self.0 /= end;
        taken
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).expect("an index fits")
    }

    fn fate(&mut self) -> Fate {
        match self.below(48) {
            0..2 => Fate::CommittedUnknown,
            2..4 => Fate::Failed,
            4 => Fate::CrashAfterCommit,
            5 => Fate::CrashBetween,
            _ => Fate::Well,
        }
    }
}

impl Step {
    /// The step that `word` stands for.
    pub(super) fn of(word: u64) -> Self {
        let mut chance = Chance(word);
        match chance.below(100) {
            0..5 => Self::Wait(chance.below(20_000)),
            5 if chance.below(2) == 0 => Self::Wait(20_000 + chance.below(380_000)),
            5 => Self::Silence,
            6..10 => Self::Reconcile(chance.index(COORDINATORS)),
            10 => Self::SweepObjects(chance.index(COORDINATORS)),
            11 if chance.below(3) == 0 => Self::CoordinatorCrash(chance.index(COORDINATORS)),
            11..14 => Self::CoordinatorStart(chance.index(COORDINATORS)),
            14 if chance.below(3) == 0 => {
                Self::ClockJump(i64::try_from(chance.below(85_000)).unwrap_or(0) - 60_000)
            }
            14 if chance.below(4) == 0 => Self::Cancel(chance.index(JOBS)),
            14..20 => Self::Look(chance.index(COORDINATORS)),
            20..30 => Self::Hand {
                at: chance.index(COORDINATORS),
                job: chance.index(JOBS),
                fate: chance.fate(),
            },
            30..33 => Self::LetGo(chance.index(COORDINATORS)),
            word => Self::of_runner(word, &mut chance),
        }
    }

    fn of_runner(word: u64, chance: &mut Chance) -> Self {
        let runner = chance.index(RUNNERS);
        match word {
            33..40 => Self::Sync(runner),
            40..46 => Self::Exchange {
                runner,
                at: chance.index(COORDINATORS),
            },
            46..52 => Self::Work(runner),
            52 => Self::AgentFails {
                runner,
                quota_ms: (chance.below(2) == 0).then(|| chance.below(30 * 60_000)),
            },
            53..56 => Self::Finish {
                runner,
                well: chance.below(4) > 0,
            },
            56..62 => Self::Publish(runner),
            62..67 => Self::Upload {
                runner,
                most: 1 + chance.index(5),
            },
            67 if chance.below(3) > 0 => Self::Work(runner),
            67 => Self::Refuse(runner),
            68 => Self::WorkerAnswers {
                runner,
                answers: chance.below(2) == 0,
            },
            69 => Self::Pause {
                runner,
                paused: chance.below(3) == 0,
            },
            70 => Self::Drain {
                runner,
                drains: chance.below(3) == 0,
            },
            71 => Self::Crash(runner),
            72 if chance.below(2) == 0 => Self::Sleep(runner),
            72..75 => Self::Wake(runner),
            75 => Self::CalendarJump {
                runner,
                by_ms: i64::try_from(chance.below(7_200_000)).unwrap_or(0) - 3_600_000,
            },
            76 => Self::DeliverAndCrash {
                which: chance.index(1 << 10),
                after: chance.index(3),
            },
            77..80 => Self::Lose(chance.index(1 << 10)),
            80..83 => Self::Repeat(chance.index(1 << 10)),
            _ => Self::Deliver {
                which: chance.index(1 << 10),
                at: chance.index(COORDINATORS),
                parks: chance.below(2) == 0,
                fate: chance.fate(),
            },
        }
    }
}
