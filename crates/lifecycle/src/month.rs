//! Months, as monthly limits count them: of the calendar, in universal time.

use protocol::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Its first moment.
    pub begins: Timestamp,
    /// The first moment of the next one.
    pub ends: Timestamp,
}

impl Month {
    /// The month in which `moment` lies.
    pub const fn of(moment: Timestamp) -> Self {
        let (year, month) = year_and_month(moment.0.div_euclid(DAY_MS));
        let (next_year, next_month) = match month {
            12 => (year + 1, 1),
            _ => (year, month + 1),
        };
        Self {
            begins: Timestamp(first_day(year, month) * DAY_MS),
            ends: Timestamp(first_day(next_year, next_month) * DAY_MS),
        }
    }

    /// Whether `moment` lies in it.
    pub const fn holds(self, moment: Timestamp) -> bool {
        self.begins.0 <= moment.0 && moment.0 < self.ends.0
    }
}

/// Days from 1970-01-01 to the first of a month.
///
/// Years are counted from March here, so that the leap day is a year's last.
const fn first_day(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}

/// Year and month, from 1, of the day with this distance from 1970-01-01.
const fn year_and_month(day: i64) -> (i64, i64) {
    // A guess from the mean length of a month is off by one at the most.
    let months = (day * 4_800).div_euclid(146_097) + 1970 * 12;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    if first_day(year, month) > day {
        return before(year, month);
    }
    let (next_year, next_month) = after(year, month);
    if first_day(next_year, next_month) <= day {
        return (next_year, next_month);
    }
    (year, month)
}

const fn before(year: i64, month: i64) -> (i64, i64) {
    if month == 1 {
        (year - 1, 12)
    } else {
        (year, month - 1)
    }
}

const fn after(year: i64, month: i64) -> (i64, i64) {
    if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_months_begin_and_end_where_the_calendar_says() {
        for (moment, begins, ends) in [
            (0, 0, 2_678_400_000),
            // 2024-02-29T12:00Z
            (1_709_208_000_000, 1_706_745_600_000, 1_709_251_200_000),
            // 2026-12-31T23:59:59.999Z
            (1_798_761_599_999, 1_796_083_200_000, 1_798_761_600_000),
            // 2000-03-01T00:00Z
            (951_868_800_000, 951_868_800_000, 954_547_200_000),
        ] {
            let month = Month::of(Timestamp(moment));
            assert_eq!((month.begins.0, month.ends.0), (begins, ends), "{moment}");
        }
    }

    proptest! {
        #[test]
        fn months_follow_one_another_without_gaps(moment in -9_000_000_000_000_i64..250_000_000_000_000) {
            let month = Month::of(Timestamp(moment));
            prop_assert!(month.holds(Timestamp(moment)));
            let days = (month.ends.0 - month.begins.0) / DAY_MS;
            prop_assert!((28..=31).contains(&days), "{days} days");
            prop_assert_eq!(Month::of(month.ends).begins, month.ends);
            prop_assert_eq!(Month::of(Timestamp(month.begins.0 - 1)).ends, month.begins);
        }
    }
}
