//! How busy a runner was, hour by hour.

use std::collections::HashMap;

use protocol::{
    api::{HourOfUse, RunnerUse},
    ids::RunnerId,
    time::Timestamp,
};

use super::seen;
use crate::{app::App, auth::Membership, error::ApiResult};

/// Milliseconds of an hour.
const HOUR_MS: i64 = 60 * 60 * 1000;
/// A week.
const HOURS: i64 = 7 * 24;

/// How busy a runner was in the last seven days, wherever it worked.
pub(crate) async fn usage(app: &App, member: &Membership, id: RunnerId) -> ApiResult<RunnerUse> {
    let runner = seen(app, member, id).await?.runner;
    let now = app.now();
    let from = first_hour(now);
    let busy = app.store.runner_busy_ms(id, from, now).await?;
    Ok(RunnerUse {
        hours: hours(from, now, runner.slots.total, &busy),
    })
}

/// The first of the hours that are shown; the last one is under way.
const fn first_hour(now: Timestamp) -> Timestamp {
    Timestamp((now.0.div_euclid(HOUR_MS) - HOURS + 1) * HOUR_MS)
}

fn hours(from: Timestamp, now: Timestamp, slots: u32, busy: &[(Timestamp, u64)]) -> Vec<HourOfUse> {
    let busy: HashMap<Timestamp, u64> = busy.iter().copied().collect();
    (0..HOURS)
        .map(|n| {
            let at = Timestamp(from.0 + n * HOUR_MS);
            let end = Timestamp(at.0 + HOUR_MS).min(now);
            let could = end.millis_since(at).max(1) * u64::from(slots.max(1));
            let did = busy.get(&at).copied().unwrap_or_default();
            let percent = (did * 100).div_ceil(could).min(100);
            HourOfUse {
                at,
                busy_percent: u8::try_from(percent).unwrap_or(100),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000 * HOUR_MS + HOUR_MS / 2);

    #[test]
    fn a_week_ends_with_the_hour_under_way() {
        let from = first_hour(NOW);
        let all = hours(from, NOW, 1, &[]);
        assert_eq!(all.len(), 168);
        assert_eq!(all[0].at, from);
        assert_eq!(all[167].at, Timestamp(1_000 * HOUR_MS));
        assert!(all.iter().all(|hour| hour.busy_percent == 0));
    }

    #[test]
    fn a_share_is_of_all_slots_and_of_the_time_that_has_passed() {
        let from = first_hour(NOW);
        let last = Timestamp(1_000 * HOUR_MS);
        let quarter = (HOUR_MS / 4).unsigned_abs();
        let busy = [(from, quarter), (last, quarter)];
        let one = hours(from, NOW, 1, &busy);
        assert_eq!((one[0].busy_percent, one[167].busy_percent), (25, 50));
        let two = hours(from, NOW, 2, &busy);
        assert_eq!((two[0].busy_percent, two[167].busy_percent), (13, 25));
        // Fewer slots now than then: never more than all of it.
        let crowded = hours(from, NOW, 1, &[(from, 9 * quarter)]);
        assert_eq!(crowded[0].busy_percent, 100);
    }
}
