//! A turn that ends in a question, from an agent that cannot ask in another way.

use protocol::question::{ItemAnswer, QuestionItem, QuestionOption};

/// How often in one job the end of a turn is put as a question.
pub(super) const QUESTIONS_MAX: u32 = 5;
/// What the agent is told when nobody answered.
pub(super) const NOBODY: &str = "Nobody could answer this. Decide for yourself what is most \
    likely wanted, finish the job, and say in your summary what you decided.";
/// The key of the only item.
const KEY: &str = "answer";
/// Longest question that is shown, from its end.
const LINES_MAX: usize = 30;
/// Courtesies at the end of work that is done.
const COURTESIES: &[&str] = &[
    "anything else",
    "something else",
    "any other question",
    "further question",
    "more questions",
    "how else can i help",
];

/// The question in which `message` ends; none when it ends in something else.
pub(super) fn question_in(message: &str) -> Option<QuestionItem> {
    let lines: Vec<&str> = message.trim().lines().collect();
    let options_from = lines
        .iter()
        .rposition(|line| !line.trim().is_empty() && option_in(line).is_none())
        .map_or(0, |last| last + 1);
    let asked = plain(lines.get(options_from.checked_sub(1)?)?);
    if !asked.ends_with('?') {
        return None;
    }
    let lowercase = asked.to_lowercase();
    if COURTESIES.iter().any(|words| lowercase.contains(words)) {
        return None;
    }
    let text = lines
        .get(options_from.saturating_sub(LINES_MAX)..options_from)
        .unwrap_or_default();
    let options = lines
        .get(options_from..)
        .unwrap_or_default()
        .iter()
        .filter_map(|line| option_in(line))
        .map(|label| QuestionOption {
            label: label.to_owned(),
            description: None,
        })
        .collect();
    Some(QuestionItem {
        key: KEY.to_owned(),
        text: text.join("\n").trim().to_owned(),
        options,
        multiple: false,
        free_text: true,
    })
}

/// The next prompt: what was answered.
pub(super) fn prompt(answers: Option<&[ItemAnswer]>) -> String {
    let words: Vec<&str> = answers
        .into_iter()
        .flatten()
        .flat_map(|answer| answer.values.iter().map(String::as_str))
        .collect();
    if words.is_empty() {
        NOBODY.to_owned()
    } else {
        words.join("\n")
    }
}

/// The words of a list's item.
fn option_in(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line.strip_prefix(['-', '*', '•']).or_else(|| {
        line.trim_start_matches(|sign: char| sign.is_ascii_digit())
            .strip_prefix(['.', ')'])
            .filter(|_| line.starts_with(|sign: char| sign.is_ascii_digit()))
    })?;
    let words = rest.strip_prefix(' ')?.trim();
    (!words.is_empty() && !words.ends_with('?')).then_some(words)
}

/// A line without the marks around its words.
fn plain(line: &str) -> &str {
    line.trim().trim_end_matches(['*', '_', '`', '"', ')', '”'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_question_at_the_end_is_found_with_its_options() {
        let item =
            question_in("I looked around.\n\n**Which database?**\n\n1. SQLite\n2) PostgreSQL\n")
                .unwrap();
        assert_eq!(item.text, "I looked around.\n\n**Which database?**");
        let labels: Vec<_> = item
            .options
            .iter()
            .map(|option| option.label.as_str())
            .collect();
        assert_eq!(labels, ["SQLite", "PostgreSQL"]);
        assert!(item.free_text);
        let item = question_in("Shall I go on?").unwrap();
        assert!(item.options.is_empty());
    }

    #[test]
    fn what_is_no_question_ends_the_job() {
        for message in [
            "",
            "Done.",
            "Why? Because it was broken. It works now.",
            "- a\n- b",
            "All done. Is there anything else you need?",
        ] {
            assert_eq!(question_in(message), None, "{message}");
        }
    }

    #[test]
    fn an_answer_becomes_the_next_prompt_and_silence_a_way_out() {
        let answer = ItemAnswer {
            key: KEY.to_owned(),
            values: vec!["SQLite".to_owned()],
        };
        assert_eq!(prompt(Some(&[answer])), "SQLite");
        assert_eq!(prompt(None), NOBODY);
        assert_eq!(prompt(Some(&[])), NOBODY);
    }

    proptest! {
        #[test]
        fn any_message_does(message in r"(\PC|\n|\?|- |1\. ){0,60}") {
            if let Some(item) = question_in(&message) {
                prop_assert!(!item.text.is_empty());
            }
        }
    }
}
