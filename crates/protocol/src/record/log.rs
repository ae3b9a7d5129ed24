//! Log entries: what an agent and its tools say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Timestamp;

/// Whose words an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// The agent's answer.
    Text,
    /// The agent's reasoning.
    Thinking,
    /// What a tool printed.
    Tool,
    /// What the agent's program printed beside its protocol.
    Stderr,
    /// The runner itself.
    Runner,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntry {
    /// Number, from 1 without gaps.
    pub n: u64,
    /// When, on the runner's clock.
    pub at: Timestamp,
    /// Whose words.
    pub kind: LogKind,
    /// The words, without the line's end.
    pub text: String,
    /// Whether the line goes on in the next entry of this kind.
    #[serde(default)]
    pub partial: bool,
}

/// The line that stands for `entry` on disk and in the log's checksum, with its line feed.
pub fn log_line(entry: &LogEntry) -> String {
    let mut line = serde_json::to_string(entry).unwrap_or_default();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_same_bytes_after_a_round_trip() {
        let entry = LogEntry {
            n: 1,
            at: Timestamp(1),
            kind: LogKind::Text,
            text: "a \u{1f600} \u{0} line".to_owned(),
            partial: false,
        };
        let line = log_line(&entry);
        let back: LogEntry = serde_json::from_str(&line).unwrap();
        assert_eq!(log_line(&back), line);
        insta::assert_snapshot!(line.trim_end(), @r#"{"n":1,"at":1,"kind":"text","text":"a 😀 \u0000 line","partial":false}"#);
    }
}
