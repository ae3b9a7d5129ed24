//! What holds for all secrets, all encodings and all ways to cut a text.

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};
use proptest::{collection::vec, prelude::*, sample::select};

use super::super::{HIDDEN, Redactor, forms::Forms};

/// `text` in pieces, cut at `cuts`.
fn in_pieces(redactor: &Redactor, text: &str, cuts: &[usize]) -> String {
    let mut cuts: Vec<usize> = cuts
        .iter()
        .map(|cut| text.floor_char_boundary(cut % (text.len() + 1)))
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    let mut stream = redactor.stream();
    let mut safe: String = cuts
        .windows(2)
        .map(|cut| stream.push(&text[cut[0]..cut[1]]))
        .collect();
    safe.push_str(&stream.finish());
    safe
}

/// The same as the redactor, in the plainest way: every form at every place.
fn by_hand(secrets: &[String], text: &str) -> String {
    let mut forms = Forms::default();
    for secret in secrets {
        forms.add(secret);
    }
    forms.tidy();
    let mut hidden = vec![false; text.len()];
    // The first byte of a part that is hidden by itself, not together with the one before.
    let mut begins = vec![true; text.len()];
    for start in 0..text.len() {
        for form in &forms.plain {
            if let Some(end) = end_of(form, text, start) {
                hidden[start..end].fill(true);
                begins[start + 1..end].fill(false);
            }
        }
    }
    let mut safe = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        if !hidden[at] {
            safe.push(byte);
        } else if begins[at] {
            safe.extend(HIDDEN.bytes());
        }
    }
    String::from_utf8(safe).unwrap()
}

/// Where `form` ends when it begins at `start`; a blank stands for any white space.
fn end_of(form: &str, text: &str, start: usize) -> Option<usize> {
    let mut rest = &text.as_bytes()[start..];
    for byte in form.bytes() {
        let blanks = rest
            .iter()
            .take_while(|byte| b" \n\r".contains(byte))
            .count();
        let taken = match byte {
            b' ' => blanks,
            byte => usize::from(rest.first() == Some(&byte)),
        };
        if taken == 0 {
            return None;
        }
        rest = &rest[taken..];
    }
    Some(text.len() - rest.len())
}

/// How a secret gets into a text, each written down independently of the redactor.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Raw,
    Json,
    JsonForHtml,
    JsonInAscii,
    JsonInJson,
    Url,
    UrlLower,
    Form,
    Hex,
    HexUpper,
    Base64,
    Base64Url,
    Base64Lines,
}

const ENCODINGS: &[Encoding] = &[
    Encoding::Raw,
    Encoding::Json,
    Encoding::JsonForHtml,
    Encoding::JsonInAscii,
    Encoding::JsonInJson,
    Encoding::Url,
    Encoding::UrlLower,
    Encoding::Form,
    Encoding::Hex,
    Encoding::HexUpper,
    Encoding::Base64,
    Encoding::Base64Url,
    Encoding::Base64Lines,
];

impl Encoding {
    fn of(self, text: &str) -> String {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let url = |text: &str| {
            let signs = text.bytes().map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            });
            signs.collect::<String>()
        };
        match self {
            Self::Raw => text.to_owned(),
            Self::Json => json(text),
            Self::JsonForHtml => json(text)
                .replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
            Self::JsonInAscii => json(text)
                .replace('é', "\\u00e9")
                .replace('😀', "\\ud83d\\ude00"),
            Self::JsonInJson => json(&json(text)),
            Self::Url => url(text),
            Self::UrlLower => {
                let upper = url(text);
                let mut parts = upper.split('%');
                let first = parts.next().unwrap_or_default().to_owned();
                parts.fold(first, |all, part| {
                    format!("{all}%{}{}", part[..2].to_lowercase(), &part[2..])
                })
            }
            Self::Form => url(text).replace("%20", "+"),
            Self::Hex => hex::encode(text),
            Self::HexUpper => hex::encode_upper(text),
            Self::Base64 => BASE64_STANDARD.encode(text),
            Self::Base64Url => BASE64_URL_SAFE.encode(text),
            Self::Base64Lines => {
                let encoded = BASE64_STANDARD.encode(text);
                let lines: Vec<&[u8]> = encoded.as_bytes().chunks(76).collect();
                String::from_utf8(lines.join(&b"\n"[..])).unwrap()
            }
        }
    }

    /// What of `secret` must not be seen, wherever in a text it stands.
    fn core(self, secret: &str) -> Vec<String> {
        let cores: Vec<String> = match self {
            Self::Base64 | Self::Base64Url | Self::Base64Lines => (0..3)
                .map(|shift| {
                    let encoded = self.of(&format!("{}{secret}", "-".repeat(shift)));
                    encoded
                        .replace(['=', '\n'], "")
                        .split_off(shift + usize::from(shift > 0))
                })
                .collect(),
            Self::Json | Self::JsonForHtml | Self::JsonInAscii => {
                vec![self.of(secret).trim_matches('"').to_owned()]
            }
            Self::JsonInJson => vec![self.of(secret).trim_matches(['"', '\\']).to_owned()],
            _ => vec![self.of(secret)],
        };
        cores
            .into_iter()
            .map(|core| core.split_whitespace().collect())
            .collect()
    }
}

/// Values as secrets have them, and some as nobody would choose them.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_-]{6,120}",
        "[ -~]{8,60}",
        "[a-zé😀\"\\\\/<>&'+ =%]{8,40}",
        "[A-Za-z0-9+/]{20,40}\n[A-Za-z0-9+/]{20,40}\n[A-Za-z0-9+/=]{1,30}",
    ]
    .prop_filter("too short", |secret: &String| secret.trim().len() >= 8)
}

fn encoding() -> impl Strategy<Value = Encoding> {
    select(ENCODINGS)
}

proptest! {
    // Few letters, so that secrets overlap with themselves and with each other.
    #[test]
    fn where_a_text_is_cut_changes_nothing(
        secrets in vec("[abé\n]{6,9}", 1..5),
        text in "[abé \n]{0,80}",
        cuts in vec(any::<usize>(), 0..8),
    ) {
        let redactor = Redactor::new(&secrets);
        let whole = redactor.text(&text);
        prop_assert_eq!(&in_pieces(&redactor, &text, &cuts), &whole);
        prop_assert_eq!(&by_hand(&secrets, &text), &whole);
    }

    #[test]
    fn every_split_in_two_hides_as_much(
        before in "[ab \n]{0,10}",
        secret in "[ab]{3,4}[ab ]{0,3}[ab]{3}",
        longer in "[ab]{0,3}",
        after in "[ab \n]{0,10}",
    ) {
        let text = format!("{before}{secret}{after}");
        let secrets = [format!("{secret}{longer}"), secret.clone(), format!("{longer}{secret}")];
        let redactor = Redactor::new(&secrets);
        let whole = redactor.text(&text);
        prop_assert_eq!(&by_hand(&secrets, &text), &whole);
        for cut in 0..=text.len() {
            prop_assert_eq!(&in_pieces(&redactor, &text, &[cut]), &whole, "cut at {}", cut);
        }
    }

    #[test]
    fn no_secret_is_seen_in_any_encoding_however_it_is_cut(
        secrets in vec(secret(), 1..4),
        parts in vec((any::<prop::sample::Index>(), encoding(), "[\u{a1}-\u{af}]{0,6}", "[\u{a1}-\u{af}]{0,6}"), 1..4),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let redactor = Redactor::new(&secrets);
        let mut text = String::new();
        for (which, encoding, before, after) in &parts {
            let secret = which.get(&secrets);
            text.push_str(&encoding.of(&format!("{before}{secret}{after}")));
            text.push_str("\u{a4}\n");
        }
        let safe = in_pieces(&redactor, &text, &cuts);
        prop_assert_eq!(&safe, &redactor.text(&text));
        let seen: String = safe.split_whitespace().collect();
        for (which, encoding, ..) in &parts {
            for core in encoding.core(which.get(&secrets).trim()) {
                // Eight signs hold six bytes at most; the same ones elsewhere are not by chance.
                for at in 0..core.len().saturating_sub(7) {
                    if let Some(part) = core.get(at..at + 8) {
                        prop_assert!(!seen.contains(part), "{part} of {core} in {safe:?}");
                    }
                }
            }
        }
    }
}
