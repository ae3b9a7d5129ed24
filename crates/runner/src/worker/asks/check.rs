//! Whether an answer fits what was asked, and how much of a request is shown.

use control::state::SettledAsk;
use protocol::{
    approval::{Action, ApprovalSubject},
    error::{ErrorCode, Problem},
    question::{ItemAnswer, Question},
};

/// The subject with its text cut, for a record of a request that was refused for its size.
pub(super) fn shortened(mut subject: ApprovalSubject) -> ApprovalSubject {
    let cut = |text: &mut String| {
        if text.len() > 2048 {
            text.truncate(text.floor_char_boundary(2048));
            text.push('…');
        }
    };
    match &mut subject.action {
        Action::Run { command } => cut(command),
        Action::Edit { path, diff } => {
            cut(path);
            cut(diff);
        }
        Action::Other { title, detail } => {
            cut(title);
            cut(detail);
        }
    }
    if let Some(reason) = &mut subject.claimed_reason {
        cut(reason);
    }
    cut(&mut subject.directory);
    subject
}

/// Whether `answers` fit the question: one for each item, and only what was offered.
pub(super) fn check(question: &Question, answers: &[ItemAnswer]) -> Result<(), Problem> {
    for item in &question.items {
        let Some(answer) = answers.iter().find(|answer| answer.key == item.key) else {
            let text = format!("The question \"{}\" has no answer.", item.text);
            return Err(Problem::new(ErrorCode::Invalid, text));
        };
        let offered = |value: &String| item.options.iter().any(|option| option.label == *value);
        let fits = !answer.values.is_empty()
            && (item.multiple || answer.values.len() == 1)
            && (item.free_text || answer.values.iter().all(offered));
        if !fits {
            let text = format!(
                "The answer to \"{}\" is not one of those offered.",
                item.text
            );
            return Err(Problem::new(ErrorCode::Invalid, text));
        }
    }
    Ok(())
}

/// What somebody hears who comes too late; `first` is who was not.
pub(super) fn settled_already(first: Option<&SettledAsk>) -> Problem {
    let why = match first {
        Some(settled) => format!("It has been answered already, by {}.", settled.by),
        None => {
            "It has been answered already, or the agent does not wait for it any more.".to_owned()
        }
    };
    Problem::new(ErrorCode::Conflict, why)
}

pub(super) fn seen_otherwise() -> Problem {
    Problem::new(
        ErrorCode::Conflict,
        "The answer is for something else than what the agent asks now.",
    )
    .hint("Look at it again, then answer.")
}
