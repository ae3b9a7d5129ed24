//! Whether an answer fits its question.

use protocol::{
    error::ErrorCode,
    question::{ItemAnswer, Question, QuestionAnswer, QuestionItem},
};

use crate::error::{ApiError, ApiResult};

/// Longest text of one's own.
const FREE_TEXT_CHARS_MAX: usize = 20_000;

/// Refuses an answer that leaves an item out, or that an item does not offer; no answer at all fits.
pub(super) fn fits(question: &Question, answer: &QuestionAnswer) -> ApiResult<()> {
    if answer.declines() {
        return Ok(());
    }
    for item in &question.items {
        let mut answers = answer.answers.iter().filter(|given| given.key == item.key);
        match (answers.next(), answers.next()) {
            (Some(given), None) => item_fits(item, given)?,
            (None, _) => return Err(refused(item, "has no answer")),
            (Some(_), Some(_)) => return Err(refused(item, "is answered twice")),
        }
    }
    match answer
        .answers
        .iter()
        .find(|given| question.items.iter().all(|item| item.key != given.key))
    {
        None => Ok(()),
        Some(unknown) => Err(ApiError::new(
            ErrorCode::Invalid,
            format!("Nothing named `{}` is asked.", unknown.key),
        )),
    }
}

fn item_fits(item: &QuestionItem, given: &ItemAnswer) -> ApiResult<()> {
    if given.values.is_empty() {
        return Err(refused(item, "has no answer"));
    }
    if given.values.len() > 1 && !item.multiple {
        return Err(refused(item, "takes one answer"));
    }
    for value in &given.values {
        let offered = item.options.iter().any(|option| option.label == *value);
        if offered {
            continue;
        }
        if !item.free_text {
            return Err(refused(item, "takes only one of the offered answers"));
        }
        if value.trim().is_empty() || value.chars().count() > FREE_TEXT_CHARS_MAX {
            return Err(refused(item, "has an answer that is empty or too long"));
        }
    }
    Ok(())
}

fn refused(item: &QuestionItem, why: &str) -> ApiError {
    ApiError::new(ErrorCode::Invalid, format!("“{}” {why}.", item.text))
}

#[cfg(test)]
mod tests {
    use protocol::{ids::QuestionId, question::QuestionOption, time::Timestamp};
    use uuid::Uuid;

    use super::*;

    fn item(key: &str, options: &[&str], multiple: bool, free_text: bool) -> QuestionItem {
        QuestionItem {
            key: key.to_owned(),
            text: format!("About {key}?"),
            options: options
                .iter()
                .map(|label| QuestionOption {
                    label: (*label).to_owned(),
                    description: None,
                })
                .collect(),
            multiple,
            free_text,
        }
    }

    fn answered(answers: &[(&str, &[&str])]) -> bool {
        let items = vec![
            item("one", &["a", "b"], false, false),
            item("many", &["a", "b"], true, true),
        ];
        let question = Question::new(QuestionId(Uuid::nil()), items, Timestamp(0));
        let answer = QuestionAnswer {
            digest: question.digest.clone(),
            answers: answers
                .iter()
                .map(|(key, values)| ItemAnswer {
                    key: (*key).to_owned(),
                    values: values.iter().map(|value| (*value).to_owned()).collect(),
                })
                .collect(),
        };
        fits(&question, &answer).is_ok()
    }

    #[test]
    fn every_item_has_one_answer_that_it_offers() {
        assert!(answered(&[("one", &["a"]), ("many", &["b", "my own"])]));
        assert!(answered(&[]), "it may be left to the agent as a whole");
        assert!(!answered(&[("one", &["a"])]));
        assert!(!answered(&[("one", &["a", "b"]), ("many", &["a"])]));
        assert!(!answered(&[("one", &["c"]), ("many", &["a"])]));
        assert!(!answered(&[("one", &["a"]), ("many", &[])]));
        assert!(!answered(&[("one", &["a"]), ("many", &[" "])]));
        assert!(!answered(&[
            ("one", &["a"]),
            ("one", &["a"]),
            ("many", &["a"])
        ]));
        assert!(!answered(&[
            ("one", &["a"]),
            ("many", &["a"]),
            ("more", &["a"])
        ]));
    }
}
