//! How fast secrets are kept out of a log, against copying and scanning the same memory.
//!
//! Run by `cargo xtask bench redact`, which shows the figures. Nothing here passes or fails.
#![cfg(unix)]

use std::{
    io::{self, Write as _},
    time::Duration,
};

use agents::redact::Redactor;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// How much text is redacted.
const TEXT_BYTES: usize = 64 * 1024 * 1024;
/// How often; the best counts, since other work only makes it slower.
const ROUNDS: usize = 5;
/// What a core has to manage, in millions of bytes a second.
const MB_PER_SECOND_MIN: f64 = 200.0;
/// The same, as a multiple of the time that copying and scanning takes.
const RATIO_MAX: f64 = 50.0;
/// Sizes of pieces: of what a program prints, and of what an agent says.
const PIECES: [usize; 2] = [8 * 1024, 200];

fn main() -> io::Result<()> {
    // `cargo test` and `cargo nextest` may start every target there is; only `cargo bench` says this.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let report = json!({ "bars": measure() });
    writeln!(io::stdout(), "{report:#}")
}

/// A bar for each kind of secrets and each size of pieces.
fn measure() -> Vec<Value> {
    let text = log_of(TEXT_BYTES);
    let tokens = tokens();
    let mut with_key = tokens.clone();
    with_key.push(private_key());
    let mut bars = Vec::new();
    for (what, secrets) in [
        ("4 tokens", &tokens),
        ("4 tokens and a private key", &with_key),
    ] {
        for piece in PIECES {
            bars.push(bar(what, secrets, &text, piece));
        }
    }
    bars
}

fn bar(what: &str, secrets: &[String], text: &str, piece: usize) -> Value {
    // Nobody is left to tell when standard error is gone.
    drop(writeln!(
        io::stderr(),
        "  redacting with {what}, {piece} bytes a time"
    ));
    let redactor = Redactor::new(secrets);
    let redacted = best_of(|| {
        let mut stream = redactor.stream();
        let mut length = 0;
        for piece in pieces(text, piece) {
            length += stream.push(piece).len();
        }
        length + stream.finish().len()
    });
    let copied = best_of(|| {
        let mut length = 0;
        for piece in pieces(text, piece) {
            let copy = std::hint::black_box(piece.to_owned());
            length += copy.find('\u{1}').unwrap_or(copy.len());
        }
        length
    });
    let speed = megabytes(text) / redacted.as_secs_f64();
    let copying = megabytes(text) / copied.as_secs_f64();
    json!({
        "name": format!("redact 64 MiB, {what}, pieces of {piece} B"),
        "unit": "ms",
        "measured": redacted.as_secs_f64() * 1000.0,
        "against": copied.as_secs_f64() * 1000.0,
        "against_what": "copying it and looking for one byte",
        "ratio": redacted.as_secs_f64() / copied.as_secs_f64(),
        "aim": RATIO_MAX,
        "note": format!(
            "{speed:.0} MB/s of {MB_PER_SECOND_MIN:.0} wanted; a copy {copying:.0} MB/s"
        ),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a few millions")]
fn megabytes(text: &str) -> f64 {
    text.len() as f64 / 1e6
}

fn best_of(mut work: impl FnMut() -> usize) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let begin = processor_time();
        std::hint::black_box(work());
        processor_time().saturating_sub(begin)
    });
    times.min().unwrap_or_default()
}

/// Of this thread; so it does not count when others have its processor.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let rest = u64::try_from(time.tv_nsec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(rest)
}

fn pieces(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(size.max(4)));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default()
    }

    fn signs(&mut self, count: usize) -> String {
        const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..count)
            .map(|_| char::from(SIGNS[self.next() % SIGNS.len()]))
            .collect()
    }
}

fn tokens() -> Vec<String> {
    let mut numbers = Numbers(7);
    let mut token = |before: &str, count| format!("{before}{}", numbers.signs(count));
    vec![
        token("sk-ant-api03-", 95),
        token("ghp_", 36),
        token("postgres://app:", 24),
        token("", 32),
    ]
}

fn private_key() -> String {
    let mut numbers = Numbers(11);
    let lines: Vec<String> = (0..26).map(|_| numbers.signs(64)).collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
        lines.join("\n")
    )
}

/// What builds, tests and agents print: words, paths, code, checksums.
fn log_of(bytes: usize) -> String {
    const WORDS: &[&str] = &[
        "the",
        "test",
        "of",
        "compiling",
        "warning:",
        "src/main.rs:42:7",
        "ok",
        "fn",
        "let",
        "result",
        "=",
        "request",
        "failed",
        "with",
        "status",
        "and",
        "a",
        "naïve",
        "value",
        "0.13.7",
        "12ms",
        "{\"id\":17,\"name\":\"job\"}",
        "https://example.org/a?b=c",
        "->",
    ];
    let mut numbers = Numbers(42);
    let mut text = String::with_capacity(bytes + 200);
    while text.len() < bytes {
        for _ in 0..numbers.next() % 14 {
            match numbers.next() % 40 {
                0 => text.push_str(&numbers.signs(44)),
                1 => text.push_str("    "),
                _ => text.push_str(WORDS[numbers.next() % WORDS.len()]),
            }
            text.push(' ');
        }
        text.push('\n');
    }
    text
}
