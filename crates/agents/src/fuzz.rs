//! Every reader of outside data, against whatever a fuzzer makes up.
//!
//! Each target runs for a moment with random data in every test run. `cargo bolero
//! test -p agents fuzz::claude_wire` lets it search on, led by what it reaches.

mod choices;
mod mutation;
mod said;

use crate::{
    acp,
    bounds::{NAME_BYTES_MAX, NAMES_MAX, REQUESTS_BYTES_MAX, TOOLS_BYTES_MAX, TOOLS_OPEN_MAX},
    claude, codex, lines,
    redact::{Redactor, SECRET_BYTES_MIN},
    replay::{
        self, launch_for,
        play::{Entry, Play, recording},
    },
    wire::Wire,
};
use choices::Choices;
use protocol::agent::SignIn;

/// How much a protocol may hold, whatever it was sent: requests that wait, names
/// of tool calls and messages, and some words.
const HELD_BYTES_MAX: usize = REQUESTS_BYTES_MAX
    + TOOLS_BYTES_MAX
    + 2 * NAME_BYTES_MAX * (2 * NAMES_MAX + TOOLS_OPEN_MAX)
    + 1024 * 1024;

/// Plays recordings that were tampered with.
fn tampered(input: &[u8], recordings: &[(&str, Vec<Entry>)], wire_for: fn(&str) -> Box<dyn Wire>) {
    let mut choices = Choices::new(input);
    let (name, recording) = choices.one_of(recordings);
    let (_, other) = choices.one_of(recordings);
    let entries = mutation::of(recording, &other, &mut choices);
    let mut play = Play::new(wire_for(name));
    for entry in &entries {
        play.play(entry);
        let held = play.wire.held();
        assert!(
            held <= HELD_BYTES_MAX,
            "{held} bytes are held after {entry:?}"
        );
        if play.over {
            return;
        }
    }
    play.play(&Entry::Ends("exit status: 1".to_owned()));
}

fn recordings(names: &[&'static str]) -> Vec<(&'static str, Vec<Entry>)> {
    names.iter().map(|&name| (name, recording(name))).collect()
}

#[test]
fn claude_wire() {
    let recordings = recordings(replay::CLAUDE);
    bolero::check!().for_each(|input: &[u8]| {
        tampered(input, &recordings, |name| {
            Box::new(claude::wire_for(&launch_for(name)))
        });
    });
}

#[test]
fn codex_wire() {
    let recordings = recordings(replay::CODEX);
    bolero::check!().for_each(|input: &[u8]| {
        tampered(input, &recordings, |name| {
            Box::new(codex::wire_for(&launch_for(name)))
        });
    });
}

#[test]
fn acp_wire() {
    let recordings = recordings(replay::ACP);
    bolero::check!().for_each(|input: &[u8]| {
        tampered(input, &recordings, |name| {
            Box::new(acp::wire_for("Agent", &launch_for(name)))
        });
    });
}

/// Bytes in pieces of any size come out as their lines, and no more is held than may be.
#[test]
fn line_splitter() {
    const BYTES_MAX: usize = 16;
    bolero::check!().for_each(|input: &[u8]| {
        let mut choices = Choices::new(input);
        let mut pieces = Vec::new();
        while !choices.are_over() {
            let length = choices.below(40);
            pieces.push(std::io::Result::Ok(choices.bytes(length)));
        }
        let whole: Vec<u8> = pieces.iter().flatten().flatten().copied().collect();
        let expected: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        let reader = tokio_util::io::StreamReader::new(futures::stream::iter(
            pieces
                .into_iter()
                .map(|piece| piece.map(std::io::Cursor::new)),
        ));
        let mut lines = lines::Lines::new(reader, BYTES_MAX);
        for line in expected {
            let next = futures::executor::block_on(lines.next());
            let next = next.unwrap().unwrap();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let kept = &line[..line.len().min(BYTES_MAX)];
            assert_eq!(next.cut, (line.len() - kept.len()) as u64);
            assert!(next.text.len() <= 3 * BYTES_MAX);
            let whole = if next.cut == 0 {
                kept.strip_suffix(b"\r")
            } else {
                None
            };
            assert_eq!(next.text, String::from_utf8_lossy(whole.unwrap_or(kept)));
        }
        let end = futures::executor::block_on(lines.next());
        assert_eq!(end.unwrap(), None);
    });
}

/// Where a text is cut changes nothing, and no secret is left in it.
#[test]
fn redactor() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut choices = Choices::new(input);
        // Few letters: secrets overlap with themselves, each other and the text.
        let text = |choices: &mut Choices<'_>, length: usize| -> String {
            let count = choices.below(length);
            let signs = ["a", "b", " ", "\n", "é", "Y", "W"];
            (0..count).map(|_| choices.one_of(&signs)).collect()
        };
        let first = text(&mut choices, 24);
        let second = text(&mut choices, 24);
        let both = Redactor::new(&[first.clone(), second.clone()]);
        let turned = Redactor::new(&[second.clone(), first.clone()]);
        let mut streams = [both.stream(), turned.stream()];
        let mut safe = [String::new(), String::new()];
        let mut whole = String::new();
        while !choices.are_over() {
            let piece = match choices.below(4) {
                0 => first.clone(),
                1 => second.clone(),
                _ => text(&mut choices, 30),
            };
            whole.push_str(&piece);
            for (stream, safe) in streams.iter_mut().zip(&mut safe) {
                safe.push_str(&stream.push(&piece));
                assert!(stream.held() < 10_000);
            }
        }
        let expected = both.text(&whole);
        for (mut stream, mut safe) in streams.into_iter().zip(safe) {
            safe.push_str(&stream.finish());
            assert_eq!(safe, expected);
        }
        for secret in [first, second] {
            let secret = secret.trim_matches([' ', '\n']);
            // White space counts but once: that is what is looked for.
            let words: Vec<&str> = secret.split_whitespace().collect();
            assert!(
                words.join(" ").len() < SECRET_BYTES_MIN || !expected.contains(secret),
                "{secret:?} in {expected:?}"
            );
        }
    });
}

/// What programs say when they are asked for version and sign-in.
#[test]
fn detection() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut choices = Choices::new(input);
        let plausible = [
            "2.1.330 (Claude Code)\n",
            "codex-cli 0.169.0",
            "v1.2.3",
            "{\"loggedIn\":true,\"authMethod\":\"api_key\"}",
            "{\"loggedIn\":[],",
            "Not logged in",
            "\u{1b}[1m",
            "\u{0}",
        ];
        let mut said = String::new();
        while !choices.are_over() {
            if choices.below(2) == 0 {
                said.push_str(choices.one_of(&plausible));
            } else {
                let length = choices.below(30);
                said.push_str(&String::from_utf8_lossy(&choices.bytes(length)));
            }
        }
        let (version, sign_in) = claude::detection_of(&said);
        if let Some(version) = version {
            assert!(version.starts_with(|sign: char| sign.is_ascii_digit()));
            assert!(version.len() <= 64);
        }
        assert_eq!(
            sign_in == SignIn::SignedIn,
            serde_json::from_str::<serde_json::Value>(said.trim())
                .is_ok_and(|said| said["loggedIn"] == true)
        );
    });
}
