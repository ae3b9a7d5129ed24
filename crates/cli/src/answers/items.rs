//! Turns what was typed into an answer to a question.

use protocol::question::{ItemAnswer, Question, QuestionAnswer, QuestionItem};

use crate::{
    exit::{Exit, Failure},
    format,
};

/// The whole answer; whether it fits is said before anything is sent.
pub(crate) fn answer(
    question: &Question,
    values: Vec<String>,
    items: Vec<(String, String)>,
) -> Result<QuestionAnswer, Failure> {
    let mut answers: Vec<ItemAnswer> = Vec::new();
    if values.is_empty() {
        for (key, value) in items {
            match answers.iter_mut().find(|answer| answer.key == key) {
                Some(answer) => answer.values.push(value),
                None => answers.push(ItemAnswer {
                    key,
                    values: vec![value],
                }),
            }
        }
    } else if let [only] = question.items.as_slice() {
        answers.push(ItemAnswer {
            key: only.key.clone(),
            values,
        });
    } else {
        return Err(usage("several things are asked".to_owned(), question));
    }
    for item in &question.items {
        let given = answers.iter().find(|answer| answer.key == item.key);
        check(item, given.map_or(&[], |answer| &answer.values))
            .map_err(|why| usage(why, question))?;
    }
    if let Some(strange) = answers
        .iter()
        .find(|answer| question.items.iter().all(|item| item.key != answer.key))
    {
        return Err(usage(format!("`{}` is not asked", strange.key), question));
    }
    Ok(QuestionAnswer {
        digest: question.digest.clone(),
        answers,
    })
}

fn check(item: &QuestionItem, values: &[String]) -> Result<(), String> {
    let key = format::printable(&item.key);
    if values.is_empty() {
        return Err(format!("`{key}` has no answer"));
    }
    if values.len() > 1 && !item.multiple {
        return Err(format!("`{key}` takes one answer"));
    }
    let offered = |value: &String| item.options.iter().any(|option| option.label == *value);
    match values
        .iter()
        .find(|&value| !item.free_text && !offered(value))
    {
        Some(other) => Err(format!(
            "`{}` is not offered for `{key}`",
            format::printable(other)
        )),
        None => Ok(()),
    }
}

fn usage(why: String, question: &Question) -> Failure {
    let keys: Vec<_> = question
        .items
        .iter()
        .map(|item| {
            let labels: Vec<_> = item.options.iter().map(|o| o.label.as_str()).collect();
            let offered = if item.free_text || labels.is_empty() {
                "ANSWER".to_owned()
            } else {
                labels.join("|")
            };
            format::printable(&format!("--item {}={offered}", item.key))
        })
        .collect();
    Failure::new(Exit::Usage, why).hint(format!("Answer with {}.", keys.join(" ")))
}

#[cfg(test)]
mod tests {
    use protocol::{ids::QuestionId, question::QuestionOption, time::Timestamp};

    use super::*;

    fn item(key: &str, options: &[&str], free_text: bool) -> QuestionItem {
        QuestionItem {
            key: key.to_owned(),
            text: "?".to_owned(),
            options: options
                .iter()
                .map(|&label| QuestionOption {
                    label: label.to_owned(),
                    description: None,
                })
                .collect(),
            multiple: false,
            free_text,
        }
    }

    fn question(items: Vec<QuestionItem>) -> Question {
        Question::new(QuestionId(uuid::Uuid::nil()), items, Timestamp(0))
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn one_thing_needs_no_key() {
        let question = question(vec![item("db", &["SQLite", "Other"], false)]);
        let given = answer(&question, vec!["SQLite".to_owned()], vec![]).unwrap();
        assert_eq!(given.answers[0].key, "db");
        assert_eq!(given.digest, question.digest);
        let failure = answer(&question, vec!["Oracle".to_owned()], vec![]).unwrap_err();
        assert!(failure.message.contains("not offered"));
    }

    #[test]
    fn several_things_need_all_their_keys() {
        let question = question(vec![
            item("db", &["SQLite"], false),
            item("port", &[], true),
        ]);
        let items = vec![pair("db", "SQLite"), pair("port", "80")];
        assert_eq!(answer(&question, vec![], items).unwrap().answers.len(), 2);
        for items in [
            vec![pair("db", "SQLite")],
            vec![pair("db", "SQLite"), pair("port", "80"), pair("x", "y")],
            vec![pair("db", "SQLite"), pair("port", "80"), pair("port", "81")],
        ] {
            assert_eq!(
                answer(&question, vec![], items).unwrap_err().exit,
                Exit::Usage
            );
        }
    }
}
