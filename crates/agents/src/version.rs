//! Asking a program for its version.

use std::{path::Path, time::Duration};

use crate::failure;

/// Longest version that is believed to be one.
const BYTES_MAX: usize = 64;

/// How a program is asked.
pub(crate) struct Question<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: &'a [&'a str],
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) patience: Duration,
}

impl Question<'_> {
    /// The version that `find` sees in what the program says; an error is for a person.
    pub(crate) async fn asked(
        self,
        find: impl FnOnce(&str) -> Option<String> + Send,
    ) -> Result<String, String> {
        let answer = process::run_briefly(
            self.program,
            self.arguments,
            self.environment,
            self.patience,
        );
        let answer = answer.await.map_err(|error| failure::chain(&error))?;
        find(&answer.stdout)
            .filter(|_| answer.status.success())
            .ok_or_else(|| {
                format!(
                    "{} did not say its version ({}); reinstall it",
                    self.program.display(),
                    answer.status
                )
            })
    }
}

/// The version that a word says, without the letter that some put before it.
pub(crate) fn believed(word: &str) -> Option<String> {
    let version = word.strip_prefix('v').unwrap_or(word);
    (version.starts_with(|sign: char| sign.is_ascii_digit()) && version.len() <= BYTES_MAX)
        .then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_word_with_a_number_is_a_version() {
        assert_eq!(believed("0.61.0").as_deref(), Some("0.61.0"));
        assert_eq!(believed("v22.1.0").as_deref(), Some("22.1.0"));
        assert_eq!(believed("version"), None);
        assert_eq!(believed(""), None);
        assert_eq!(believed(&"1".repeat(BYTES_MAX + 1)), None);
    }
}
