//! Small work on texts of unknown length.

use std::time::Duration;

use serde_json::Value;
use similar::TextDiff;

/// Longest result or input of a tool call that is kept in an event.
pub(crate) const SHORT_BYTES_MAX: usize = 4 * 1024;
/// Longest title.
const TITLE_CHARS_MAX: usize = 120;
/// Longest text of one event; a longer one is handed on in pieces.
pub(crate) const PIECE_BYTES_MAX: usize = 64 * 1024;
/// How long the shortest change is looked for; then a longer one is good enough.
const DIFF_PATIENCE: Duration = Duration::from_millis(200);

/// `text`, cut to the bound of a result, with a word about what is missing.
pub(crate) fn shortened(text: &str) -> String {
    if text.len() <= SHORT_BYTES_MAX {
        return text.to_owned();
    }
    let end = floor(text, SHORT_BYTES_MAX);
    let (kept, left) = text.split_at(end);
    format!("{kept}\n… {} more bytes", left.len())
}

/// The first line, cut to the length of a title.
pub(crate) fn title(text: &str) -> String {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim();
    let mut title: String = line.chars().take(TITLE_CHARS_MAX).collect();
    if title.len() < line.len() {
        title.push('…');
    }
    title
}

/// Pieces of at most [`PIECE_BYTES_MAX`], cut between characters.
pub(crate) fn pieces(mut text: String) -> impl Iterator<Item = String> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let rest = text.split_off(floor(&text, PIECE_BYTES_MAX));
        Some(std::mem::replace(&mut text, rest))
    })
}

/// The last place at or before `at` that lies between two characters.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or_default()
}

/// A unified diff; the new content alone where there was nothing.
pub(crate) fn diff(path: &str, old: &str, new: &str) -> String {
    if old.is_empty() {
        return new.to_owned();
    }
    TextDiff::configure()
        .timeout(DIFF_PATIENCE)
        .diff_lines(old, new)
        .unified_diff()
        .header(path, path)
        .to_string()
}

/// A value, readable for a person; nothing for what is empty.
pub(crate) fn pretty(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) if fields.is_empty() => None,
        value => serde_json::to_string_pretty(value).ok(),
    }
}

/// Bytes that come in pieces, as text: a character that is cut by a piece's end waits for its rest.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    waiting: Vec<u8>,
}

impl Decoder {
    /// The text of `bytes`; what can be no text becomes replacement characters.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.waiting.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.waiting) {
            // The end alone may be a character that is not complete yet.
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Ok(_) | Err(_) => self.waiting.len(),
        };
        let rest = self.waiting.split_off(whole);
        let text = String::from_utf8_lossy(&self.waiting).into_owned();
        self.waiting = rest;
        text
    }

    /// What is left when no more comes.
    pub(crate) fn finish(self) -> String {
        String::from_utf8_lossy(&self.waiting).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_put_together_are_the_text() {
        let text = "aé😀".repeat(30_000);
        let pieces: Vec<_> = pieces(text.clone()).collect();
        assert!(pieces.len() > 2);
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE_BYTES_MAX));
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(shortened("short"), "short");
        let long = shortened(&"é".repeat(5000));
        assert!(long.ends_with("… 5904 more bytes"), "{long}");
        assert_eq!(title("\n  one \ntwo"), "one");
    }

    #[test]
    fn a_change_of_everything_is_shown_without_a_long_search() {
        let lines = |word: &str| -> String {
            let lines = (0..40_000).map(|number| format!("{word} {}\n", number * 7919 % 40_009));
            lines.collect()
        };
        let (old, new) = (lines("old"), lines("new"));
        let diff = diff("a", &old, &new);
        assert_eq!(diff.matches("\n-old").count(), 40_000);
        assert_eq!(diff.matches("\n+new").count(), 40_000);
    }

    proptest! {
        #[test]
        fn text_in_pieces_stays_the_text(text in r"\PC{0,60}", size in 1..7_usize) {
            let mut decoder = Decoder::default();
            let mut decoded: String =
                text.as_bytes().chunks(size).map(|piece| decoder.push(piece)).collect();
            decoded.push_str(&decoder.finish());
            prop_assert_eq!(decoded, text);
        }
    }
}
