//! What people write about a job, checked with words that help.

use protocol::{
    agent::AgentName,
    error::ErrorCode,
    limits::{
        DEADLINE_S_MAX, DEADLINE_S_MIN, EXTRA_ARGUMENT_CHARS_MAX, EXTRA_ARGUMENTS_MAX,
        FEEDBACK_BYTES_MAX, INSTRUCTIONS_BYTES_MAX, MODEL_CHARS_MAX, TITLE_CHARS_MAX,
    },
};

use crate::{
    body::size_in_words,
    error::{ApiError, ApiResult},
};

/// Longest name of an agent.
const AGENT_NAME_BYTES_MAX: usize = 64;

/// The refusal of instructions that are too long.
pub(crate) fn instructions_too_large() -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!(
            "The instructions are longer than {}.",
            size_in_words(INSTRUCTIONS_BYTES_MAX as u64)
        ),
    )
    .hint("Keep the instructions short and attach the rest to the job as a file.")
}

/// A deadline is long enough for an agent to start, and ends some day.
pub(super) fn check_deadline(seconds: u64) -> ApiResult<()> {
    if (DEADLINE_S_MIN..=DEADLINE_S_MAX).contains(&seconds) {
        return Ok(());
    }
    Err(
        invalid("The deadline is too short or too long.").hint(format!(
            "Give {DEADLINE_S_MIN} to {DEADLINE_S_MAX} seconds."
        )),
    )
}

/// A title is one line.
pub(super) fn check_title(title: &str) -> ApiResult<()> {
    if title.is_empty() {
        return Err(invalid("The title is empty.").hint("Say in one line what the job is about."));
    }
    if title.chars().count() > TITLE_CHARS_MAX {
        return Err(invalid(&format!(
            "The title is longer than {TITLE_CHARS_MAX} characters."
        ))
        .hint("Shorten it, and say the rest in the instructions."));
    }
    if title.contains(char::is_control) {
        return Err(
            invalid("The title holds a line break or another control character.")
                .hint("A title is one line of text."),
        );
    }
    Ok(())
}

/// Instructions say something, and not too much.
pub(super) fn check_instructions(instructions: &str) -> ApiResult<()> {
    if instructions.trim().is_empty() {
        return Err(invalid("The instructions are empty.").hint("Say what is to be done."));
    }
    if instructions.len() > INSTRUCTIONS_BYTES_MAX {
        return Err(instructions_too_large());
    }
    if instructions.contains('\0') {
        return Err(invalid("The instructions hold a NUL character.")
            .hint("Remove it, or attach the text as a file."));
    }
    Ok(())
}

/// The refusal of feedback that is too long.
pub(crate) fn feedback_too_large() -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!(
            "The feedback is longer than {}.",
            size_in_words(FEEDBACK_BYTES_MAX as u64)
        ),
    )
    .hint("Say what matters most; a new job can bring the rest as a file.")
}

/// What is said to an attempt; none where nothing is.
pub(super) fn feedback_of(said: Option<String>) -> ApiResult<Option<String>> {
    let said = said.map(|text| text.trim().to_owned());
    let Some(feedback) = said.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if feedback.len() > FEEDBACK_BYTES_MAX {
        return Err(feedback_too_large());
    }
    if feedback.contains('\0') {
        return Err(invalid("The feedback holds a NUL character.").hint("Remove it."));
    }
    Ok(Some(feedback))
}

/// An agent's name is one word; whether any runner has such an agent shows in the hold.
pub(super) fn check_agent(agent: &AgentName) -> ApiResult<()> {
    let name = agent.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=AGENT_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(
        invalid("The agent's name is not one word of letters, digits and hyphens.")
            .hint("Leave it out when any agent will do."),
    )
}

/// What a job asks of its agent is short, and one word or line each.
pub(super) fn check_options(model: Option<&str>, arguments: &[String]) -> ApiResult<()> {
    let model = model.map(str::trim).unwrap_or_default();
    if model.chars().count() > MODEL_CHARS_MAX
        || model.starts_with('-')
        || model.contains(|c: char| c.is_control() || c.is_whitespace())
    {
        return Err(invalid(&format!(
            "A model's name is one word of at most {MODEL_CHARS_MAX} characters."
        ))
        .hint("Name it as the agent does, such as `opus`."));
    }
    let too_long = |argument: &String| argument.chars().count() > EXTRA_ARGUMENT_CHARS_MAX;
    if arguments.len() > EXTRA_ARGUMENTS_MAX
        || arguments
            .iter()
            .any(|one| too_long(one) || one.contains('\0'))
    {
        return Err(invalid(&format!(
            "A job brings at most {EXTRA_ARGUMENTS_MAX} arguments of \
             {EXTRA_ARGUMENT_CHARS_MAX} characters each for its agent."
        )));
    }
    Ok(())
}

/// The model, where one is named.
pub(super) fn model_of(model: Option<String>) -> Option<String> {
    model
        .map(|model| model.trim().to_owned())
        .filter(|model| !model.is_empty())
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked_with_words_that_help() {
        assert!(check_title("A title").is_ok());
        assert!(check_instructions("say hello").is_ok());
        for title in ["", "two\nlines", &"t".repeat(TITLE_CHARS_MAX + 1)] {
            let refused = check_title(title).unwrap_err();
            assert_eq!(refused.problem().code, ErrorCode::Invalid, "{title}");
        }
        for instructions in [" \n ", "a\0b"] {
            let refused = check_instructions(instructions).unwrap_err();
            assert_eq!(refused.problem().code, ErrorCode::Invalid);
        }
        let long = "x".repeat(INSTRUCTIONS_BYTES_MAX + 1);
        let refused = check_instructions(&long).unwrap_err();
        assert_eq!(refused.problem().code, ErrorCode::TooLarge);
        assert!(refused.problem().hint.as_ref().unwrap().contains("attach"));
    }
}
