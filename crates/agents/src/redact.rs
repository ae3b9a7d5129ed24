//! Keeping secrets out of whatever is written down, also when a secret comes in
//! pieces.
//!
//! Every form in which a secret is likely to show is looked for at once; matches
//! that overlap are hidden as one. What could be the beginning of a secret is held
//! back until it is known, so the result does not depend on where a text is cut.

mod forms;

use std::{fmt, sync::Arc};

use aho_corasick::{AhoCorasick, MatchKind};

/// Stands for a secret.
const HIDDEN: &str = "***";
/// Shorter values are no secrets: hiding them would tear every text apart.
pub const SECRET_BYTES_MIN: usize = 6;

/// Knows what has to be hidden.
#[derive(Clone)]
pub struct Redactor {
    known: Option<Arc<Known>>,
    too_short: usize,
}

struct Known {
    automaton: Option<AhoCorasick>,
    /// All forms of all secrets, sorted.
    forms: Vec<String>,
    longest: usize,
}

// Never shows what it knows.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forms = self.known.as_ref().map_or(0, |known| known.forms.len());
        f.debug_struct("Redactor")
            .field("forms", &forms)
            .finish_non_exhaustive()
    }
}

impl Redactor {
    /// Hides `secrets` in all their forms; those that are too short are left out.
    pub fn new(secrets: &[String]) -> Self {
        let (long, short): (Vec<&String>, Vec<&String>) = secrets
            .iter()
            .partition(|secret| secret.trim().len() >= SECRET_BYTES_MIN);
        let mut forms: Vec<String> = long
            .into_iter()
            .flat_map(|secret| forms::of(secret))
            .collect();
        forms.sort_unstable();
        forms.dedup();
        // It only fails beyond two thousand million bytes of secrets; then nothing
        // is let through.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&forms)
            .ok();
        let known = Known {
            longest: forms.iter().map(String::len).max().unwrap_or_default(),
            automaton,
            forms,
        };
        Self {
            known: (!known.forms.is_empty()).then(|| Arc::new(known)),
            too_short: short.len(),
        }
    }

    /// How many values were too short to be hidden; a person should be told.
    pub fn too_short(&self) -> usize {
        self.too_short
    }

    /// A whole text, with its secrets hidden.
    pub fn text(&self, text: &str) -> String {
        let mut stream = self.stream();
        let mut safe = stream.push(text);
        safe.push_str(&stream.finish());
        safe
    }

    /// For a text that comes in pieces.
    pub fn stream(&self) -> RedactorStream {
        RedactorStream {
            known: self.known.clone(),
            held: String::new(),
            covered: 0,
        }
    }
}

/// Hides secrets in a text that comes in pieces.
pub struct RedactorStream {
    known: Option<Arc<Known>>,
    /// What was not handed on yet.
    held: String,
    /// How much of the beginning of `held` is hidden already.
    covered: usize,
}

impl RedactorStream {
    /// Takes in a piece; hands on what is sure to be no part of a secret.
    pub fn push(&mut self, piece: &str) -> String {
        let Some(known) = self.known.clone() else {
            return piece.to_owned();
        };
        self.held.push_str(piece);
        let sure = known.sure_part(&self.held);
        self.hand_on(&known, sure)
    }

    /// Hands on the rest: no more follows.
    pub fn finish(&mut self) -> String {
        let Some(known) = self.known.clone() else {
            return String::new();
        };
        let rest = self.hand_on(&known, self.held.len());
        self.covered = 0;
        rest
    }

    /// Hands on the first `sure` bytes. Every match that begins there ends in `held`.
    fn hand_on(&mut self, known: &Known, sure: usize) -> String {
        let mut safe = String::new();
        let mut covered = self.covered;
        for (start, end) in known.matches(&self.held) {
            if start >= sure {
                break;
            }
            if start < covered {
                covered = covered.max(end);
                continue;
            }
            safe.push_str(self.held.get(covered..start).unwrap_or_default());
            safe.push_str(HIDDEN);
            covered = end;
        }
        if covered < sure {
            safe.push_str(self.held.get(covered..sure).unwrap_or_default());
        }
        self.covered = covered.saturating_sub(sure);
        self.held.drain(..sure);
        safe
    }
}

impl Known {
    /// All matches, by where they begin.
    fn matches(&self, text: &str) -> Vec<(usize, usize)> {
        let Some(automaton) = &self.automaton else {
            return vec![(0, text.len())];
        };
        let mut matches: Vec<(usize, usize)> = automaton
            .find_overlapping_iter(text)
            .map(|found| (found.start(), found.end()))
            .collect();
        matches.sort_unstable();
        matches
    }

    /// How many bytes of `text` cannot belong to a secret that is not complete yet.
    fn sure_part(&self, text: &str) -> usize {
        let earliest = text.len().saturating_sub(self.longest.saturating_sub(1));
        (earliest..text.len())
            .filter(|at| text.is_char_boundary(*at))
            .find(|at| text.get(*at..).is_some_and(|tail| self.is_beginning(tail)))
            .unwrap_or(text.len())
    }

    /// Whether a form goes on after `tail`.
    fn is_beginning(&self, tail: &str) -> bool {
        let after = self.forms.partition_point(|form| form.as_str() <= tail);
        self.forms
            .get(after)
            .is_some_and(|form| form.starts_with(tail))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        Redactor::new(&secrets)
    }

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};
        let secret = "p\"ss wörd/?+\\x";
        let redactor = redactor(&[secret]);
        for before in ["", "a", "ab", "abc"] {
            let raw = format!("{before}{secret}after");
            let json = serde_json::to_string(&raw).unwrap();
            let url = "p%22ss%20w%C3%B6rd%2F%3F%2B%5Cx";
            for (form, leak) in [
                (raw.clone(), "ss wö"),
                (json, "ss wö"),
                (format!("?k={url}&"), "%22ss"),
                (format!("?k={}&", url.replace("%20", "+")), "%22ss"),
                (format!("?k={}&", url.to_lowercase()), "%22ss"),
                (hex::encode(&raw), "737320"),
                (hex::encode_upper(&raw), "737320"),
            ] {
                let safe = redactor.text(&form);
                assert!(
                    safe.contains(HIDDEN) && !safe.contains(leak),
                    "{form}: {safe}"
                );
            }
            for encoded in [BASE64_STANDARD.encode(&raw), BASE64_URL_SAFE.encode(&raw)] {
                let safe = redactor.text(&encoded);
                // A sign at either end may hold bits of its neighbours; no more may be left.
                let kept = safe.replace(HIDDEN, "").len();
                assert!(safe.contains(HIDDEN), "{encoded}");
                assert!(
                    kept <= encoded.len() - secret.len() * 4 / 3 + 3,
                    "{encoded}: {safe}"
                );
            }
        }
    }

    #[test]
    fn the_longest_wins_and_overlaps_are_one() {
        let redactor = redactor(&["secret", "secret-and-more", "more-of-it"]);
        assert_eq!(redactor.text("a secret-and-more b"), "a *** b");
        assert_eq!(redactor.text("a secret-and-more-of-it b"), "a *** b");
        assert_eq!(redactor.text("secretsecret"), "******");
    }

    #[test]
    fn what_is_too_short_is_left_alone_and_counted() {
        let redactor = redactor(&["abc", " ab ", "abcdef"]);
        assert_eq!(redactor.too_short(), 2);
        assert_eq!(redactor.text("abc abcdef"), "abc ***");
    }

    #[test]
    fn a_line_of_a_secret_of_many_lines_is_hidden_by_itself() {
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nabcdefghijklmnopqrstu\n-----END KEY-----";
        let redactor = redactor(&[key]);
        assert_eq!(redactor.text("x MIIEvQIBADANBgkqhkiG9w0 y"), "x *** y");
        assert_eq!(
            redactor
                .text(&key.replace('\n', "\r\n"))
                .matches("MII")
                .count(),
            0
        );
    }

    #[test]
    fn only_what_could_become_a_secret_is_held_back() {
        let redactor = redactor(&["hunter2hunter2"]);
        let mut stream = redactor.stream();
        assert_eq!(stream.push("the password: hunt"), "the password: ");
        assert_eq!(stream.push("ing season"), "hunting season");
        assert_eq!(stream.push("hunter2"), "");
        assert_eq!(stream.push("hunter2!"), "***!");
        assert_eq!(stream.finish(), "");
    }

    #[test]
    fn it_never_shows_what_it_knows() {
        assert!(!format!("{:?}", redactor(&["hunter2hunter2"])).contains("hunter2"));
    }

    proptest! {
        // Few letters, so that secrets overlap with themselves and with each other.
        #[test]
        fn where_a_text_is_cut_changes_nothing(
            secrets in proptest::collection::vec("[abé]{6,9}", 1..4),
            text in "[abé]{0,60}",
            cuts in proptest::collection::vec(0..60_usize, 0..8),
        ) {
            let redactor = Redactor::new(&secrets);
            let whole = redactor.text(&text);
            let mut cuts: Vec<usize> = cuts
                .into_iter()
                .filter(|cut| text.is_char_boundary(*cut))
                .chain([0, text.len()])
                .collect();
            cuts.sort_unstable();
            let mut stream = redactor.stream();
            let mut pieces: String =
                cuts.windows(2).map(|cut| stream.push(&text[cut[0]..cut[1]])).collect();
            pieces.push_str(&stream.finish());
            prop_assert_eq!(&pieces, &whole);
            for secret in &secrets {
                prop_assert!(!whole.contains(secret.as_str()));
            }
        }

        #[test]
        fn every_split_in_two_hides_as_much(text in "[ab]{0,10}", secret in "[ab]{6,8}", rest in "[ab]{0,10}") {
            let text = format!("{text}{secret}{rest}");
            let redactor = Redactor::new(&[secret]);
            let whole = redactor.text(&text);
            for cut in 0..=text.len() {
                let (first, second) = text.split_at(cut);
                let mut stream = redactor.stream();
                let pieces = stream.push(first) + &stream.push(second) + &stream.finish();
                prop_assert_eq!(&pieces, &whole, "cut at {}", cut);
            }
        }
    }
}
