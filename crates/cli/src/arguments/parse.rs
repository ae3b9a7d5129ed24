//! How single values are read.

use std::{fmt, marker::PhantomData, str::FromStr, time::Duration};

/// Names a thing by its id, or by the beginning of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector<T> {
    text: String,
    id: PhantomData<T>,
}

impl<T: fmt::Display> Selector<T> {
    /// Whether `id` may be meant.
    pub(crate) fn fits(&self, id: &T) -> bool {
        id.to_string().starts_with(&self.text)
    }
}

impl<T> fmt::Display for Selector<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> FromStr for Selector<T> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_ascii_lowercase();
        let fits = text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if text.len() < 4 || text.len() > 36 || !fits {
            return Err("an id or its first characters (at least 4) are expected".to_owned());
        }
        Ok(Self {
            text,
            id: PhantomData,
        })
    }
}

/// Reads `90s`, `5m`, `1h30m`, `500ms`; a bare number counts seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    const HINT: &str = "a duration such as 60s, 5m or 1h30m is expected";
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let span: jiff::SignedDuration = text.parse().map_err(|_| HINT.to_owned())?;
    Duration::try_from(span).map_err(|_| HINT.to_owned())
}

/// Reads the name of a level; `unset` names none.
pub(crate) fn level(text: &str) -> Result<super::Level, String> {
    if text == "unset" {
        return Ok(super::Level(None));
    }
    let level = serde_json::from_value(serde_json::Value::from(text));
    level
        .map(|level| super::Level(Some(level)))
        .map_err(|_| "read_only, ask, accept_edits, trusted or unset is expected".to_owned())
}

/// Reads `KEY=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err("KEY=ANSWER is expected".to_owned()),
    }
}

/// `yes` or `no`.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("write `yes` or `no`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in [
            ("60s", 60_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("500ms", 500),
            ("7", 7_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "soon", "-5s", "5 parsecs"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_selector_needs_enough_to_go_by() {
        let selector: Selector<String> = "0199A7".parse().unwrap();
        assert!(selector.fits(&"0199a7c4-0000".to_owned()));
        assert!(!selector.fits(&"0199b7c4-0000".to_owned()));
        assert!("01".parse::<Selector<String>>().is_err());
        assert!("not-an-id".parse::<Selector<String>>().is_err());
    }

    #[test]
    fn a_pair_has_both_sides() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(pair("=b").is_err());
        assert!(pair("a").is_err());
    }
}
