//! A recording, tampered with: what a broken, newer or hostile agent might send.

use serde_json::{Value, json};

use super::choices::Choices;
use crate::replay::play::Entry;

/// Most changes to one recording.
const CHANGES_MAX: usize = 24;
/// How often a part of a message is repeated to make it huge.
const HUGE: usize = 2000;

/// `entries` with changes; `other` lends parts.
pub(super) fn of(
    mut entries: Vec<Entry>,
    other: &[Entry],
    choices: &mut Choices<'_>,
) -> Vec<Entry> {
    for _ in 0..CHANGES_MAX {
        if choices.are_over() || entries.is_empty() {
            break;
        }
        change(&mut entries, other, choices);
    }
    entries
}

fn change(entries: &mut Vec<Entry>, other: &[Entry], choices: &mut Choices<'_>) {
    let kind = choices.below(10);
    let at = choices.below(entries.len());
    match kind {
        0 => drop(entries.remove(at)),
        1 => {
            let times = choices.below(100);
            let again = vec![entries[at].clone(); times];
            entries.splice(at..at, again);
        }
        2 => {
            let to = choices.below(entries.len());
            entries.swap(at, to);
        }
        3 => entries.insert(at, choices.one_of(other)),
        4 => {
            let length = choices.below(60);
            let line = String::from_utf8_lossy(&choices.bytes(length)).into_owned();
            entries.insert(at, Entry::Line(line));
        }
        5 => {
            let done = ["interrupt", "quiet", "allow", "deny", "answer"];
            let done = choices.one_of(&done);
            entries.insert(at, Entry::Do(json!({"do": done, "values": ["x", "x"]})));
        }
        6 => {
            if let Entry::Line(line) = &mut entries[at] {
                let end = choices.below(line.len() + 1);
                line.truncate(line.floor_char_boundary(end));
            }
        }
        _ => tamper(&mut entries[at], other, choices),
    }
}

/// Changes one value within a message.
fn tamper(entry: &mut Entry, other: &[Entry], choices: &mut Choices<'_>) {
    match entry {
        Entry::Line(line) => {
            if let Ok(mut message) = serde_json::from_str(line) {
                tamper_in(&mut message, other, choices);
                *line = message.to_string();
            }
        }
        Entry::Answer { answer, .. } => {
            for value in answer.values_mut() {
                tamper_in(value, other, choices);
            }
        }
        Entry::Do(_) | Entry::Ends(_) => {}
    }
}

fn tamper_in(message: &mut Value, other: &[Entry], choices: &mut Choices<'_>) {
    let mut parts = 0;
    count(message, &mut parts);
    let mut left = choices.below(parts);
    let Some(part) = nth(message, &mut left) else {
        return;
    };
    match choices.below(5) {
        0 => {
            let values = [
                json!(null),
                json!(true),
                json!(-1),
                json!(1e300),
                json!(u64::MAX),
                json!(""),
                json!("x"),
                json!([]),
                json!([[1]]),
                json!({}),
                json!({"x": {}}),
            ];
            *part = choices.one_of(&values);
        }
        1 => *part = json!(part.to_string()),
        2 => huge(part),
        3 => {
            if let Value::Object(fields) = part {
                let names: Vec<String> = fields.keys().cloned().collect();
                let Some(name) = (!names.is_empty()).then(|| choices.one_of(&names)) else {
                    return;
                };
                let field = fields.remove(&name);
                if choices.below(2) == 0 {
                    fields.insert("unknown".to_owned(), field.unwrap_or_default());
                }
            } else {
                *part = json!("of/an/unknown/kind");
            }
        }
        _ => {
            if let Entry::Line(line) = choices.one_of(other) {
                let mut lender: Value = serde_json::from_str(&line).unwrap_or_default();
                let mut parts = 0;
                count(&lender, &mut parts);
                let mut left = choices.below(parts);
                *part = nth(&mut lender, &mut left).cloned().unwrap_or_default();
            }
        }
    }
}

fn huge(part: &mut Value) {
    match part {
        Value::String(text) => *text = format!("{text}é").repeat(HUGE),
        Value::Array(items) => {
            let item = items.first().cloned().unwrap_or_default();
            *items = vec![item; HUGE];
        }
        Value::Object(fields) => {
            let value = fields.values().next().cloned().unwrap_or_default();
            for number in 0..HUGE {
                fields.insert(format!("key-{number}"), value.clone());
            }
        }
        part => {
            for _ in 0..100 {
                *part = json!([part]);
            }
        }
    }
}

fn count(value: &Value, parts: &mut usize) {
    *parts += 1;
    match value {
        Value::Array(items) => items.iter().for_each(|item| count(item, parts)),
        Value::Object(fields) => fields.values().for_each(|field| count(field, parts)),
        _ => {}
    }
}

/// The value that is reached after `left` others.
fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, left)),
        _ => None,
    }
}
