//! How much goes wrong, and for how long.

use std::{env, time::Duration};

use crate::field::Size;

/// What a storm is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wishes {
    pub(crate) seed: u64,
    pub(crate) jobs: usize,
    pub(crate) size: Size,
    /// How long things go wrong.
    pub(crate) storm: Duration,
    /// How long it may take until all is over afterwards.
    pub(crate) calm: Duration,
    /// How long it may take with every look at what came of it; no matter when none.
    pub(crate) limit: Option<Duration>,
    /// The pause between two faults, in milliseconds.
    pub(crate) pause_ms: (u64, u64),
    /// How long the database is suspended at most.
    pub(crate) database: Duration,
    /// Whether the programs know places where they end.
    pub(crate) places: bool,
}

impl Wishes {
    /// What the tests play: a minute or so.
    pub(super) const fn short(seed: u64) -> Self {
        Self {
            seed,
            jobs: 30,
            size: Size {
                coordinators: 2,
                machines: 3,
                slots: 3,
                terms: (6, 6),
            },
            storm: Duration::from_secs(22),
            calm: Duration::from_mins(3),
            limit: None,
            pause_ms: (300, 1_800),
            database: Duration::from_secs(3),
            places: cfg!(debug_assertions),
        }
    }

    /// What `cargo xtask chaos` asks for.
    pub(super) fn asked() -> Option<Self> {
        let number = |name: &str| env::var(name).ok()?.parse::<u64>().ok();
        let minutes = number("COORD_CHAOS_MINUTES")?;
        let whole = |name: &str| usize::try_from(number(name)?).ok();
        let all = Duration::from_mins(minutes);
        Some(Self {
            seed: number("COORD_CHAOS_SEED")?,
            jobs: whole("COORD_CHAOS_JOBS")?,
            size: Size {
                coordinators: whole("COORD_CHAOS_COORDINATORS")?,
                machines: whole("COORD_CHAOS_RUNNERS")?,
                slots: 4,
                terms: (10, 10),
            },
            // What is left is for reading every record.
            storm: all * 6 / 10,
            calm: all * 3 / 10,
            limit: Some(all),
            pause_ms: (200, 2_500),
            database: Duration::from_mins(1).min(all / 20),
            places: env::var_os("COORD_CHAOS_PLACES").is_some(),
        })
    }
}
