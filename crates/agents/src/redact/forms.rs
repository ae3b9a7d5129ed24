//! The forms in which a secret shows.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose};

use super::SECRET_BYTES_MIN;

/// Shortest line of a secret of many lines that is a secret by itself.
const LINE_BYTES_MIN: usize = 12;

/// All forms of `secret` that are worth looking for.
pub(super) fn of(secret: &str) -> Vec<String> {
    let mut forms = of_one(secret);
    let trimmed = secret.trim();
    if trimmed != secret {
        forms.extend(of_one(trimmed));
    }
    if trimmed.contains('\n') {
        let lines = trimmed.lines().map(str::trim);
        forms.extend(
            lines
                .filter(|line| line.len() >= LINE_BYTES_MIN)
                .flat_map(of_one),
        );
    }
    forms.retain(|form| form.len() >= SECRET_BYTES_MIN);
    forms
}

fn of_one(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let url = url_encoded(secret);
    let mut forms = vec![
        secret.to_owned(),
        json_escaped(secret),
        // Inside of a text that is itself inside of a text.
        json_escaped(&json_escaped(secret)),
        url.replace("%20", "+"),
        lower_escapes(&url),
        lower_escapes(&url).replace("%20", "+"),
        url,
        hex::encode(bytes),
        hex::encode_upper(bytes),
    ];
    for shift in 0..3 {
        forms.push(base64_at(&general_purpose::STANDARD_NO_PAD, bytes, shift));
        forms.push(base64_at(&general_purpose::URL_SAFE_NO_PAD, bytes, shift));
    }
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

fn url_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let written = write!(encoded, "%{byte:02X}");
            debug_assert!(written.is_ok());
        }
    }
    encoded
}

/// The same with lower-case escapes.
fn lower_escapes(url: &str) -> String {
    let mut left = 0;
    url.chars()
        .map(|sign| {
            left = if sign == '%' { 3 } else { left };
            if left > 0 {
                left -= 1;
                sign.to_ascii_lowercase()
            } else {
                sign
            }
        })
        .collect()
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
