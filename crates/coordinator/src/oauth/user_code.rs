//! The code that a person compares or types: eight letters with a hyphen in the middle.

use std::fmt;

/// Consonants that are not mistaken for one another and spell no words (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// A user code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserCode(String);

impl UserCode {
    /// A random one, of 25.6 thousand million.
    pub(crate) fn random() -> Self {
        let letters = (0..LENGTH).map(|_| {
            let pick = rand::random_range(0..LETTERS.len());
            char::from(LETTERS[pick])
        });
        Self::hyphenated(letters)
    }

    /// Reads a code as people type it: in any case, with any spaces and hyphens.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let letters: Vec<char> = text
            .chars()
            .filter(|character| !matches!(character, ' ' | '-' | '\u{a0}'))
            .map(|character| character.to_ascii_uppercase())
            .take(LENGTH + 1)
            .collect();
        let known = |letter: &char| u8::try_from(*letter).is_ok_and(|byte| LETTERS.contains(&byte));
        (letters.len() == LENGTH && letters.iter().all(known))
            .then(|| Self::hyphenated(letters.into_iter()))
    }

    /// The code as it is kept and shown.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn hyphenated(letters: impl Iterator<Item = char>) -> Self {
        let mut text = String::with_capacity(LENGTH + 1);
        for (at, letter) in letters.enumerate() {
            if at == LENGTH / 2 {
                text.push('-');
            }
            text.push(letter);
        }
        Self(text)
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for text in ["BCDF-GHJK", "bcdfghjk", " bcd f-g h-jk "] {
            assert_eq!(UserCode::parse(text).unwrap().as_str(), "BCDF-GHJK");
        }
        for text in ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "ßCDF-GHJK"] {
            assert_eq!(UserCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn random_codes_read_back_and_differ() {
        let (first, second) = (UserCode::random(), UserCode::random());
        assert_eq!(UserCode::parse(first.as_str()), Some(first.clone()));
        assert_ne!(first, second);
    }
}
