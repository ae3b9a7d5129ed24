//! The forms in which a secret shows.

use std::ops::Range;

use base64::{Engine as _, engine::general_purpose};

use super::{SECRET_BYTES_MIN, hits::is_blank};

/// Shortest line of a secret of many lines that is a secret by itself.
const LINE_BYTES_MIN: usize = 12;

/// All forms that are looked for.
#[derive(Clone, Default)]
pub(super) struct Forms {
    /// With single blanks where a text may have any white space.
    pub(super) plain: Vec<String>,
    /// Without white space, where a text may have any.
    pub(super) encoded: Vec<String>,
}

impl Forms {
    /// Adds all forms of `secret` that are worth looking for.
    pub(super) fn add(&mut self, secret: &str) {
        let secret = trimmed(secret);
        if !secret.contains('\n') {
            return self.add_one(secret);
        }
        // Whatever encodes the whole encodes its lines; so the lines are enough, the
        // short ones together with what stands before them.
        let text = secret.replace("\r\n", "\n");
        let mut together: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        for whole_line in text.split_inclusive('\n') {
            let line = trimmed(whole_line);
            let start = at + whole_line.len() - whole_line.trim_start_matches(is_blank_sign).len();
            at += whole_line.len();
            if line.is_empty() {
                continue;
            }
            if bytes_seen(line) >= LINE_BYTES_MIN {
                self.add_one(line);
            }
            let end = start + line.len();
            let is_short = |lines: &str| bytes_seen(lines) < LINE_BYTES_MIN;
            match together.last_mut() {
                Some(before)
                    if is_short(line) || text.get(before.clone()).is_some_and(is_short) =>
                {
                    before.end = end;
                }
                _ => together.push(start..end),
            }
        }
        for lines in together.into_iter().filter_map(|lines| text.get(lines)) {
            if lines.contains('\n') {
                self.add_one(lines);
                self.add_one(&lines.replace('\n', "\r\n"));
            }
        }
    }

    /// Leaves out what is there twice.
    pub(super) fn tidy(&mut self) {
        for forms in [&mut self.plain, &mut self.encoded] {
            forms.retain(|form| form.len() >= SECRET_BYTES_MIN);
            forms.sort_unstable();
            forms.dedup();
        }
    }

    fn add_one(&mut self, secret: &str) {
        let mut plain = vec![secret.to_owned()];
        plain.extend(in_json(secret));
        plain.extend(in_urls(secret));
        plain.extend(in_markup_and_shells(secret));
        self.plain
            .extend(plain.iter().map(|form| single_blanks(form)));
        let bytes = secret.as_bytes();
        self.encoded
            .extend([hex::encode(bytes), hex::encode_upper(bytes)]);
        for shift in 0..3 {
            for engine in [
                &general_purpose::STANDARD_NO_PAD,
                &general_purpose::URL_SAFE_NO_PAD,
            ] {
                self.encoded.push(base64_at(engine, bytes, shift));
            }
        }
    }
}

/// `secret` without white space around it.
pub(super) fn trimmed(secret: &str) -> &str {
    secret.trim_matches(is_blank_sign)
}

/// How much of `text` is looked for: white space may be any, so it counts but once.
pub(super) fn bytes_seen(text: &str) -> usize {
    single_blanks(text).len()
}

fn is_blank_sign(sign: char) -> bool {
    u8::try_from(sign).is_ok_and(is_blank)
}

fn single_blanks(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    for sign in text.chars() {
        if !is_blank_sign(sign) {
            single.push(sign);
        } else if !single.ends_with(' ') {
            single.push(' ');
        }
    }
    single
}

/// As the different writers of JSON do it: what must be escaped, what HTML would
/// read, what is not ASCII; and each again within a text that is itself in JSON.
fn in_json(secret: &str) -> Vec<String> {
    let plain = json_escaped(secret);
    let mut forms = vec![plain.replace('/', "\\/")];
    for upper in [false, true] {
        let html = |sign: char| "<>&\u{2028}\u{2029}".contains(sign);
        let strict = |sign: char| "<>&'+`".contains(sign) || !sign.is_ascii();
        forms.push(with_escapes(&plain, upper, html));
        forms.push(with_escapes(&plain, upper, |sign| !sign.is_ascii()));
        forms.push(with_escapes(&plain, upper, strict).replace("\\\"", &escape('"', upper)));
    }
    forms.push(plain);
    let again: Vec<String> = forms.iter().map(|form| json_escaped(form)).collect();
    forms.extend(again);
    forms
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned()
}

fn with_escapes(text: &str, upper: bool, which: impl Fn(char) -> bool) -> String {
    text.chars()
        .map(|sign| {
            if which(sign) {
                escape(sign, upper)
            } else {
                sign.to_string()
            }
        })
        .collect()
}

fn escape(sign: char, upper: bool) -> String {
    let mut units = [0; 2];
    let units = sign.encode_utf16(&mut units);
    let escapes = units.iter().map(|unit| {
        if upper {
            format!("\\u{unit:04X}")
        } else {
            format!("\\u{unit:04x}")
        }
    });
    escapes.collect()
}

/// As a part of an address, a whole address, and a form field.
fn in_urls(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for kept in ["-._~", "-._~!'()*", "-._~!'()*;,/?:@&=+$#", "-._*"] {
        for upper in [false, true] {
            let form = percent(secret, kept, upper);
            forms.push(form.replace("%20", "+"));
            forms.push(form);
        }
    }
    forms
}

fn percent(text: &str, kept: &str, upper: bool) -> String {
    text.bytes()
        .map(|byte| {
            let sign = char::from(byte);
            if sign.is_ascii_alphanumeric() || kept.contains(sign) {
                sign.to_string()
            } else if upper {
                format!("%{byte:02X}")
            } else {
                format!("%{byte:02x}")
            }
        })
        .collect()
}

fn in_markup_and_shells(secret: &str) -> Vec<String> {
    let markup = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    vec![
        markup.replace('\'', "&#39;"),
        markup.replace('\'', "&apos;"),
        markup,
        secret.replace('\'', "'\\''"),
    ]
}

/// The signs that `bytes` alone decide when `shift` other bytes stand before them.
fn base64_at(engine: &general_purpose::GeneralPurpose, bytes: &[u8], shift: usize) -> String {
    let mut shifted = vec![0; shift];
    shifted.extend_from_slice(bytes);
    let encoded = engine.encode(&shifted);
    let first = (shift * 8).div_ceil(6);
    let last = shifted.len() * 8 / 6;
    encoded.get(first..last).unwrap_or_default().to_owned()
}
