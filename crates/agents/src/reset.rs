//! When a quota is there again, read out of what an agent says about it.
//!
//! Agents say it in words for people: as seconds since 1970, as a wait, or as a time
//! of day, with or without a date and a zone. What cannot be read is not guessed.

use jiff::{
    Timestamp as Moment, ToSpan as _, Zoned,
    civil::{Date, Time},
    tz::TimeZone,
};
use protocol::time::Timestamp;

/// Words after which the moment stands.
const LEADS: &[&str] = &[
    "limit reached|",
    "resets",
    "reset at",
    "reset in",
    "reset on",
    "reset after",
    "try again",
    "retry after",
    "retry-after",
    "available again",
    "available at",
];
/// How many words after such a lead are looked at.
const WORDS_MAX: usize = 12;
/// A moment further away than this is no moment of a quota.
const FAR_MS: u64 = 60 * 24 * 60 * 60 * 1000;
/// A moment that has just passed means: soon.
const JUST_PASSED_MS: u64 = 24 * 60 * 60 * 1000;

/// The moment at which the quota that `words` speak of is there again; `here` is the zone of times without one.
pub(crate) fn moment_in(words: &str, now: Timestamp, here: &TimeZone) -> Option<Timestamp> {
    // Without changing their length, so that places in one are places in the other.
    let lower = words.to_ascii_lowercase();
    LEADS
        .iter()
        .flat_map(|lead| lower.match_indices(lead).map(|(at, _)| at + lead.len()))
        .find_map(|at| read(lower.get(at..)?, now, here))
        .and_then(|moment| sensible(moment, now))
}

/// A moment in seconds since 1970, as some agents put it into a field of its own.
pub(crate) fn at_seconds(seconds: i64, now: Timestamp) -> Option<Timestamp> {
    sensible(Timestamp(seconds.checked_mul(1000)?), now)
}

/// This machine's calendar and zone.
pub(crate) fn here_and_now() -> (Timestamp, TimeZone) {
    let now = Moment::now().as_millisecond();
    (Timestamp(now), TimeZone::system())
}

fn sensible(moment: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let near = moment.millis_since(now) <= FAR_MS && now.millis_since(moment) <= JUST_PASSED_MS;
    near.then_some(moment.max(now))
}

fn read(text: &str, now: Timestamp, here: &TimeZone) -> Option<Timestamp> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';' | '|' | '"'))
        .map(|word| word.trim_end_matches(['.', '!']))
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .skip_while(|word| matches!(*word, "at" | "on" | ":" | "is" | "your" | "limit" | "it"))
        .collect();
    let first = *words.first()?;
    if let Some(seconds) = epoch(first) {
        return Some(seconds);
    }
    if let Ok(moment) = first.to_ascii_uppercase().parse::<Moment>() {
        return Some(Timestamp(moment.as_millisecond()));
    }
    match first {
        "in" | "after" => wait(words.get(1..)?, now),
        _ => calendar(&words, now, here).or_else(|| wait(&words, now)),
    }
}

fn epoch(word: &str) -> Option<Timestamp> {
    let number: i64 = word.parse().ok()?;
    match word.len() {
        10 => Some(Timestamp(number.checked_mul(1000)?)),
        13 => Some(Timestamp(number)),
        _ => None,
    }
}

/// A wait such as `3 hours 42 minutes`, `1h20m` or `90s`; a bare number is seconds, as in HTTP.
fn wait(words: &[&str], now: Timestamp) -> Option<Timestamp> {
    let mut seconds = 0_u64;
    let mut number: Option<u64> = None;
    'words: for word in words.iter().filter(|word| **word != "and") {
        let mut rest = *word;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (count, after) = rest.split_at(digits);
            let letters = after
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(letters);
            let count = if count.is_empty() {
                number.take()
            } else {
                count.parse().ok()
            };
            match (count, per_unit(unit)) {
                (Some(count), Some(each)) => {
                    seconds = seconds.checked_add(count.checked_mul(each)?)?;
                }
                (Some(count), None) if unit.is_empty() && after.is_empty() => number = Some(count),
                _ => break 'words,
            }
            rest = after;
        }
    }
    if let (0, Some(bare)) = (seconds, number) {
        seconds = bare;
    }
    (seconds > 0).then(|| now.plus_millis(seconds.saturating_mul(1000)))
}

fn per_unit(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
        _ => return None,
    })
}

/// A time of day, perhaps with a date before it and a zone after it.
fn calendar(words: &[&str], now: Timestamp, here: &TimeZone) -> Option<Timestamp> {
    let zone = words.iter().find_map(|word| zone(word));
    let zone = zone.unwrap_or_else(|| here.clone());
    let now = Moment::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let (date, rest) = date(words, &now);
    let rest = match rest.first() {
        Some(&"at") => rest.get(1..)?,
        _ => rest,
    };
    let time = time(rest)?;
    let day = date.unwrap_or_else(|| now.date());
    let mut moment = day.to_datetime(time).to_zoned(zone).ok()?;
    if date.is_none() && moment <= now {
        moment = moment.checked_add(1.day()).ok()?;
    }
    Some(Timestamp(moment.timestamp().as_millisecond()))
}

fn zone(word: &str) -> Option<TimeZone> {
    match word {
        "utc" | "gmt" | "z" => Some(TimeZone::UTC),
        // The database of zones compares names without case.
        _ if word.contains('/') => TimeZone::get(word).ok(),
        _ => None,
    }
}

/// A date such as `nov 25` or `nov 25th 2026`, and the words after it.
fn date<'a>(words: &'a [&'a str], now: &Zoned) -> (Option<Date>, &'a [&'a str]) {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let found = || {
        let name = words.first()?.get(..3)?;
        let month = MONTHS.iter().position(|month| *month == name)? + 1;
        let day = words
            .get(1)?
            .trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let (month, day) = (i8::try_from(month).ok()?, day.parse().ok()?);
        let year = words.get(2).filter(|word| word.len() == 4);
        if let Some(year) = year.and_then(|word| word.parse().ok()) {
            return Some((Date::new(year, month, day).ok()?, words.get(3..)?));
        }
        let date = Date::new(now.year(), month, day).ok()?;
        let passed = date < now.date();
        let date = if passed {
            Date::new(now.year() + 1, month, day).ok()?
        } else {
            date
        };
        Some((date, words.get(2..)?))
    };
    found().map_or((None, words), |(date, rest)| (Some(date), rest))
}

/// A time such as `3pm`, `3:05 pm` or `15:00`.
fn time(words: &[&str]) -> Option<Time> {
    let first = *words.first()?;
    let (digits, half) = match first
        .strip_suffix("am")
        .or_else(|| first.strip_suffix("pm"))
    {
        Some(digits) => (digits, first.get(digits.len()..)),
        None => (
            first,
            words
                .get(1)
                .copied()
                .filter(|word| matches!(*word, "am" | "pm")),
        ),
    };
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) => (hour.parse::<i8>().ok()?, minute.get(..2)?.parse().ok()?),
        // A bare number is no time.
        None if half.is_some() => (digits.parse().ok()?, 0),
        None => return None,
    };
    let hour = match half {
        Some("am") => hour % 12,
        Some(_) => hour % 12 + 12,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A Sunday, 13:00 in UTC.
    const NOW: &str = "2026-11-22T13:00:00Z";

    fn moment(text: &str) -> Timestamp {
        Timestamp(text.parse::<Moment>().unwrap().as_millisecond())
    }

    fn found(words: &str) -> Option<Timestamp> {
        moment_in(words, moment(NOW), &TimeZone::UTC)
    }

    #[test]
    fn every_way_in_which_agents_say_it_is_read() {
        for (words, at) in [
            (
                "Claude AI usage limit reached|1795363200",
                "2026-11-22T16:00:00Z",
            ),
            (
                "You've hit your session limit · resets 3pm (Europe/Berlin)",
                "2026-11-22T14:00:00Z",
            ),
            (
                "5-hour limit reached ∙ resets 4:30pm",
                "2026-11-22T16:30:00Z",
            ),
            (
                "You've hit your weekly limit · resets Nov 25, 9am (UTC)",
                "2026-11-25T09:00:00Z",
            ),
            ("resets at 12am (UTC)", "2026-11-23T00:00:00Z"),
            ("or try again at 3:06 PM.", "2026-11-22T15:06:00Z"),
            (
                "try again at Nov 24th, 2026 3:05 PM.",
                "2026-11-24T15:05:00Z",
            ),
            (
                "Please try again in 2 days 3 hours 4 minutes.",
                "2026-11-24T16:04:00Z",
            ),
            (
                "Your quota will reset after 1h20m30s.",
                "2026-11-22T14:20:30Z",
            ),
            ("try again in 90s", "2026-11-22T13:01:30Z"),
            ("HTTP 429, retry-after: 3600", "2026-11-22T14:00:00Z"),
            ("Retry after 120 seconds", "2026-11-22T13:02:00Z"),
            ("resets 2026-11-22T18:00:00Z", "2026-11-22T18:00:00Z"),
            ("resets Jan 2, 1am (UTC)", "2027-01-02T01:00:00Z"),
        ] {
            assert_eq!(found(words), Some(moment(at)), "{words}");
        }
    }

    #[test]
    fn what_names_no_moment_gives_none() {
        for words in [
            "Credit balance is too low",
            "try again later",
            "please try again in a while",
            "resets when the month ends",
            "limit reached|soon",
            "resets 25:99",
            "try again in 99999999999999999999 hours",
            "limit reached|9999999999",
        ] {
            assert_eq!(found(words), None, "{words}");
        }
    }

    proptest! {
        #[test]
        fn anything_can_be_looked_at(
            words in r"(resets|try again|in|at|limit reached\||[0-9]{1,20}|[ap]m|h|:| |\(|é|nov|/|.){0,20}",
        ) {
            let now = moment(NOW);
            if let Some(at) = found(&words) {
                prop_assert!(at >= now && at.millis_since(now) <= FAR_MS);
            }
        }
    }
}
