mod properties;

use super::*;

fn redactor(secrets: &[&str]) -> Redactor {
    let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
    Redactor::new(&secrets)
}

#[test]
fn the_longest_wins_and_overlaps_are_one() {
    let redactor = redactor(&["secret", "secret-and-more", "more-of-it"]);
    assert_eq!(redactor.text("a secret-and-more b"), "a *** b");
    assert_eq!(redactor.text("a secret-and-more-of-it b"), "a *** b");
    assert_eq!(redactor.text("secretsecret"), "******");
}

#[test]
fn one_secret_within_another_hides_all_of_the_longer() {
    let redactor = redactor(&["middle", "begin-middle-end", "le-end-and-on"]);
    assert_eq!(redactor.text("x begin-middle-end y"), "x *** y");
    assert_eq!(redactor.text("x begin-middle y"), "x begin-*** y");
    assert_eq!(redactor.text("x begin-middle-end-and-on y"), "x *** y");
}

#[test]
fn what_is_too_short_is_left_alone_and_counted() {
    let redactor = redactor(&["abc", " ab ", "abcdef", " ", ""]);
    assert_eq!(redactor.too_short(), 2);
    assert_eq!(redactor.text("abc abcdef"), "abc ***");
}

#[test]
fn a_line_of_a_secret_of_many_lines_is_hidden_by_itself() {
    let key =
        "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nabcdefghijklmnopqrstu\n-----END KEY-----";
    let redactor = redactor(&[key]);
    assert_eq!(redactor.text("x MIIEvQIBADANBgkqhkiG9w0 y"), "x *** y");
}

#[test]
fn white_space_within_a_secret_may_be_any() {
    let redactor = redactor(&["one two\nthree"]);
    for between in [" ", "\n", "\r\n", "\n    ", "\t \r\n\t"] {
        let text = format!("<one{between}two{between}three>");
        assert_eq!(redactor.text(&text), "<***>", "{text:?}");
    }
    assert_eq!(redactor.text("<onetwo three>"), "<onetwo three>");
    let far = format!("<one{}two three>", " ".repeat(100));
    assert_eq!(redactor.text(&far), far);
}

#[test]
fn an_encoded_secret_is_hidden_when_its_lines_are_broken() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let secret = "sk-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-9876543210";
    let redactor = redactor(&[secret]);
    for before in 0..60 {
        let file = format!("{}{secret}\n", "#".repeat(before));
        for (encoded, columns) in [
            (BASE64_STANDARD.encode(&file), 76),
            (hex::encode(&file), 60),
        ] {
            let lines: Vec<&[u8]> = encoded.as_bytes().chunks(columns).collect();
            let text = String::from_utf8(lines.join(&b"\r\n  "[..])).unwrap();
            let safe = redactor.text(&text);
            // What holds nothing of the secret, or a piece of it that an end of a line broke off.
            let around = encoded.len() * (file.len() - secret.len()) / file.len();
            let kept: usize = safe
                .replace("***", "")
                .split_whitespace()
                .map(str::len)
                .sum();
            assert!(kept <= around + 10, "{before}: {text}\n{safe}");
        }
    }
}

#[test]
fn white_space_makes_no_secret_longer() {
    let redactor = redactor(&["aa\n\n\nbb", "ab\n\ncd\n\nef"]);
    assert_eq!(redactor.too_short(), 1);
    assert_eq!(redactor.text("aa\n\n\nbb ab\n\ncd ef"), "aa\n\n\nbb ***");
    let encoded = hex::encode("ab\n\ncd\n\nef");
    assert_eq!(redactor.text(&encoded), "***");
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
fn the_end_of_a_line_is_not_held_back_for_an_encoded_secret() {
    // Each letter may be the beginning of some encoded form.
    let redactor = redactor(&["hunter2hunter2"]);
    let mut stream = redactor.stream();
    for sign in "0123456789abcdefABCDEFaHW".chars() {
        let line = format!("line {sign}\n");
        assert_eq!(stream.push(&line), line);
    }
}

#[test]
fn what_is_held_back_has_a_bound() {
    let redactor = redactor(&["hunter2 hunter2"]);
    let mut stream = redactor.stream();
    let mut handed_on = 0;
    for piece in ["hunter2", " ", "\n", "hunter2 hunter", "aHVudGVyMi", "6875"] {
        for _ in 0..5000 {
            handed_on += stream.push(piece).len();
            assert!(stream.held() < 2000, "{piece}: {}", stream.held());
        }
    }
    assert!(handed_on > 0);
}

#[test]
fn what_is_too_short_is_counted_and_not_hidden() {
    let redactor = redactor(&["first-secret-of-all", "x"]);
    assert_eq!(redactor.too_short(), 1);
    assert_eq!(redactor.text("x first-secret-of-all"), "x ***");
}

#[test]
fn a_stream_that_ended_begins_anew() {
    let redactor = redactor(&["hunter2hunter2"]);
    let mut stream = redactor.stream();
    assert_eq!(stream.push("hunter2"), "");
    assert_eq!(stream.finish(), "hunter2");
    assert_eq!(stream.push("hunter2"), "");
    assert_eq!(stream.push("hunter2 hunter2hunter2"), "*** ");
    assert_eq!(stream.finish(), "***");
    assert_eq!(stream.finish(), "");
}

#[test]
fn a_secret_of_any_size_is_hidden() {
    let parts: Vec<String> = (0..6_000_u32).map(|at| format!("{at:x}-")).collect();
    let long = parts.concat();
    let redactor = redactor(&[&long]);
    assert_eq!(redactor.text(&format!("<{long}>")), "<***>");
    assert_eq!(redactor.text(&format!("<{}>", hex::encode(&long))), "<***>");
}

#[test]
fn it_never_shows_what_it_knows() {
    assert!(!format!("{:?}", redactor(&["hunter2hunter2"])).contains("hunter2"));
}
