//! Times of the week, as a person writes them: `Mon-Fri 18:00-08:00, Sat-Sun`.

use std::{fmt, str::FromStr};

/// Minutes of a day.
const DAY: u16 = 24 * 60;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Times of the week. A time past midnight belongs to the day on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    text: String,
    windows: Vec<Window>,
}

/// From one minute to another, on some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    /// Monday first.
    days: [bool; 7],
    from: u16,
    /// Not before `from`: a time past midnight counts on.
    to: u16,
}

/// Times that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time of the week; write for example `Mon-Fri 18:00-08:00, Sat-Sun`")]
pub struct NotHours(String);

impl Hours {
    /// Whether `minute` (from midnight) of `day` (0 is Monday) is such a time.
    pub fn contains(&self, day: u8, minute: u16) -> bool {
        let day = usize::from(day % 7);
        let before = (day + 6) % 7;
        self.windows.iter().any(|window| {
            let here = window.days[day] && (window.from..window.to).contains(&minute);
            let on = window.days[before] && (window.from..window.to).contains(&(minute + DAY));
            here || on
        })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Hours {
    type Err = NotHours;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let windows = text
            .split(',')
            .map(|part| window(part).ok_or_else(|| NotHours(part.trim().to_owned())))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.trim().to_owned(),
            windows,
        })
    }
}

fn window(text: &str) -> Option<Window> {
    let mut days = [true; 7];
    let (mut from, mut to) = (0, DAY);
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let second = words.next();
    if words.next().is_some() {
        return None;
    }
    match (first.starts_with(|c: char| c.is_ascii_digit()), second) {
        (true, None) => (from, to) = span(first)?,
        (false, None) => days = days_of(first)?,
        (false, Some(time)) => {
            days = days_of(first)?;
            (from, to) = span(time)?;
        }
        (true, Some(_)) => return None,
    }
    Some(Window { days, from, to })
}

fn days_of(text: &str) -> Option<[bool; 7]> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    let mut days = [false; 7];
    let mut at = first;
    loop {
        days[at] = true;
        if at == last {
            return Some(days);
        }
        at = (at + 1) % 7;
    }
}

fn day(text: &str) -> Option<usize> {
    let text = text.to_ascii_lowercase();
    DAYS.iter().position(|day| *day == text)
}

fn span(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from < DAY).then(|| (from, if to <= from { to + DAY } else { to }))
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |text: &str| -> Option<u16> {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok())?
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, day: u8, hour: u16, minute: u16) -> bool {
        let hours: Hours = text.parse().unwrap();
        hours.contains(day, hour * 60 + minute)
    }

    #[test]
    fn a_time_past_midnight_belongs_to_the_day_on_which_it_begins() {
        let nights = "Mon-Fri 18:00-08:00";
        assert!(
            !at(nights, 0, 7, 59),
            "Monday morning ends no night of Sunday"
        );
        assert!(at(nights, 0, 18, 0));
        assert!(at(nights, 1, 7, 59));
        assert!(!at(nights, 1, 8, 0));
        assert!(
            at(nights, 5, 7, 0),
            "Saturday morning ends the night of Friday"
        );
        assert!(!at(nights, 5, 18, 0));
    }

    #[test]
    fn days_and_times_may_stand_alone_and_together() {
        let often = "Mon-Fri 18:00-24:00, sat-SUN, 12:00-13:00";
        assert!(at(often, 6, 3, 0));
        assert!(at(often, 2, 12, 30));
        assert!(at(often, 2, 23, 59));
        assert!(!at(often, 2, 17, 59));
        assert!(
            at("Fri-Mon", 0, 0, 0),
            "days may go round the end of the week"
        );
        assert!(!at("Fri-Mon", 1, 0, 0));
    }

    #[test]
    fn what_is_no_time_is_named() {
        for text in [
            "",
            "Mon-",
            "Funday",
            "8-18",
            "08:60-09:00",
            "25:00-26:00",
            "Mon 8:00",
            "24:00-25:00",
            "8:00-9:00 Mon",
            "Mon Tue 8:00-9:00",
            "+8:00-9:00",
        ] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
        let error = "Mon-Fri 8:00-18:00, Funday".parse::<Hours>().unwrap_err();
        assert!(
            error.to_string().starts_with("`Funday` is no time"),
            "{error}"
        );
    }
}
