//! What is read beside the protocols: forms, introductions, and words.

use protocol::{agent::SignIn, question::ItemAnswer};
use serde_json::{Value, json};

use super::{choices::Choices, mutation};
use crate::{acp, codex, demo::script, replay::play::Entry, reset};

/// How many modes and models are told of an agent.
const OFFERED_MAX: usize = 50;

/// Messages that were tampered with; what is no JSON any more is nothing.
fn tampered(messages: &[Value], choices: &mut Choices<'_>) -> Vec<Value> {
    let lines: Vec<Entry> = messages
        .iter()
        .map(|message| Entry::Line(message.to_string()))
        .collect();
    let changed = mutation::of(lines.clone(), &lines, choices);
    let read = |entry| match entry {
        Entry::Line(line) => serde_json::from_str(&line).unwrap_or_default(),
        _ => Value::Null,
    };
    changed.into_iter().map(read).collect()
}

/// Pieces of plausible words, with noise.
fn words(plausible: &[&str], choices: &mut Choices<'_>) -> String {
    let mut said = String::new();
    while !choices.are_over() {
        if choices.below(3) > 0 {
            said.push_str(choices.one_of(plausible));
        } else {
            let length = choices.below(20);
            said.push_str(&String::from_utf8_lossy(&choices.bytes(length)));
        }
    }
    said
}

/// A filled-in form has no field that the agent did not ask for.
#[test]
fn acp_form() {
    let form = json!({"mode": "form", "message": "Which?", "requestedSchema": {"properties": {
        "question_0": {"type": "string", "title": "One", "oneOf": [
            {"const": "a", "title": "A", "description": "first"}, {"const": 2},
        ]},
        "question_0_custom": {"type": "string"},
        "many": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}},
        "count": {"type": "integer"},
        "sure": {"type": "boolean"},
    }}});
    bolero::check!().for_each(|input: &[u8]| {
        let mut choices = Choices::new(input);
        let said = ["A", "x", "3", "Yes", "1e999", "own words"];
        for request in tampered(std::slice::from_ref(&form), &mut choices) {
            let filled = acp::form_of(&request, |items| {
                items
                    .iter()
                    .map(|item| ItemAnswer {
                        key: item.key.clone(),
                        values: (0..choices.below(3))
                            .map(|_| choices.one_of(&said).to_owned())
                            .collect(),
                    })
                    .collect()
            });
            let Some(filled) = filled else { continue };
            assert_eq!(filled["action"], "accept");
            let asked = &request["requestedSchema"]["properties"];
            for key in filled["content"].as_object().unwrap().keys() {
                assert!(asked.get(key).is_some(), "{key} was not asked for");
            }
        }
    });
}

/// What is told of an agent is bounded, whatever it says of itself.
#[test]
fn acp_introduction() {
    let greeting = json!({"protocolVersion": 1, "agentInfo": {"name": "a", "title": "A",
        "version": "1.0"}, "agentCapabilities": {"loadSession": true,
        "sessionCapabilities": {"resume": {}}}, "authMethods": [{"id": "k", "name": "Key"}]});
    let offer = json!({"sessionId": "s", "modes": {"currentModeId": "auto", "availableModes": [
        {"id": "auto"}, {"id": "default"}]}, "models": {"availableModels": [{"modelId": "m"}]},
        "configOptions": [{"id": "o", "category": "mode", "options": [{"value": "ask"}]}]});
    bolero::check!().for_each(|input: &[u8]| {
        let mut choices = Choices::new(input);
        let said = tampered(&[greeting.clone(), offer.clone()], &mut choices);
        let (Some(greeting), Some(offer)) = (said.first(), said.last()) else {
            return;
        };
        if let Ok(told) = acp::introduction_of(greeting, offer) {
            assert_eq!(greeting["protocolVersion"], 1);
            assert!(told.modes.len() <= OFFERED_MAX && told.models.len() <= OFFERED_MAX);
            for title in told.name.iter().chain(&told.version) {
                assert!(title.chars().count() <= 200, "{title}");
            }
        }
    });
}

/// Only a version with the product's name is one, and nobody is signed in unless it says so.
#[test]
fn codex_detection() {
    let answers = [
        json!({"id": 2, "result": {"account": {"type": "chatgpt", "planType": "plus"},
            "requiresOpenaiAuth": true}}),
        json!({"id": 3, "result": {"data": [{"id": "m"}, {"id": "h", "hidden": true}]}}),
    ];
    let plausible = [
        "codex-cli ",
        "0.169.0",
        "\n",
        "codex 3",
        "WARNING: ",
        "\u{0}",
    ];
    bolero::check!().for_each(|input: &[u8]| {
        let mut choices = Choices::new(input);
        for answer in tampered(&answers, &mut choices) {
            let (_, sign_in, models) = codex::detection_of(&answer.to_string());
            assert!(models.len() <= OFFERED_MAX);
            let account = &answer["result"]["account"];
            assert!(
                sign_in != SignIn::SignedIn || account.is_object(),
                "{answer}"
            );
        }
        let said = words(&plausible, &mut Choices::new(input));
        let (version, sign_in, models) = codex::detection_of(&said);
        if let Some(version) = version {
            assert!(said.contains(&format!("codex-cli {version}")), "{said:?}");
            assert!(version.len() <= 64);
        }
        assert!(sign_in == SignIn::Unknown && models.is_empty());
    });
}

/// A question at the end of a turn is shown without an end, and has at most its own lines.
#[test]
fn question_at_the_end() {
    let plausible = [
        "Which one?",
        "\n",
        "- A\n",
        "1. B\n",
        "**?**",
        "anything else?",
        "\u{200b}",
    ];
    bolero::check!().for_each(|input: &[u8]| {
        let said = words(&plausible, &mut Choices::new(input));
        if let Some(item) = acp::question_in(&said) {
            assert!(item.text.contains('?') && item.text.lines().count() <= 30);
            assert!(item.options.len() <= said.lines().count());
        }
    });
}

/// When a quota is there again is never read as a time long past, or further than is believed.
#[test]
fn moment_of_a_reset() {
    let plausible = [
        "try again in ",
        "resets at ",
        "3pm",
        "5 days ",
        "2 hours ",
        "99999999999 ",
        "minutes",
        " Oct 7th, 2026 ",
        "12:60 AM",
        "in ",
        "tomorrow",
    ];
    let (now, here) = reset::here_and_now();
    bolero::check!().for_each(|input: &[u8]| {
        let said = words(&plausible, &mut Choices::new(input));
        if let Some(at) = reset::moment_in(&said, now, &here) {
            assert!(at >= now, "{said:?} is {at:?} before {now:?}");
        }
    });
}

/// A command is never shown as nothing, and the demo agent takes every line.
#[test]
fn command_and_script() {
    let plausible = [
        "/bin/bash",
        " -lc ",
        "'",
        "\"",
        "\\",
        "echo hi",
        "$(",
        "\n",
        "write ",
        "ask ",
        "|",
        "flood ",
    ];
    bolero::check!().for_each(|input: &[u8]| {
        let said = words(&plausible, &mut Choices::new(input));
        let shown = codex::shown_command(&said);
        assert!(
            shown.is_empty() == said.is_empty() || said.contains('-'),
            "{said:?}"
        );
        assert!(shown.len() <= said.len(), "{said:?} is shown as {shown:?}");
        assert!(script::parse(&said).len() <= said.lines().count());
    });
}
