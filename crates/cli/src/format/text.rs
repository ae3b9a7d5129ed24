//! Text that others wrote, made safe for a terminal.

use protocol::{
    record::{LogEntry, LogKind},
    visible::visible,
};

/// `text` with every character by its name that would not be seen, or would steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    visible(text)
}

/// The first line of `text`, at most `max` characters of it.
pub(crate) fn short(text: &str, max: usize) -> String {
    let line = printable(text.lines().next().unwrap_or_default());
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A size in bytes.
pub(crate) fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    // Tenths are exact enough, and need no floating point.
    let (mut tenths, mut unit) = (size.saturating_mul(10) / 1024, UNITS[0]);
    for next in &UNITS[1..] {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1024, next);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// Writes log entries as lines; a line that goes on in the next entry is put together.
#[derive(Debug, Default)]
pub(crate) struct LogWriter {
    open: Option<LogKind>,
}

impl LogWriter {
    /// The text of `entry`.
    pub(crate) fn write(&mut self, entry: &LogEntry) -> String {
        let mut text = String::new();
        if self.open != Some(entry.kind) {
            if self.open.is_some() {
                text.push('\n');
            }
            text.push_str(label(entry.kind));
        }
        text.push_str(&printable(&entry.text));
        if entry.partial {
            self.open = Some(entry.kind);
        } else {
            text.push('\n');
            self.open = None;
        }
        text
    }
}

/// What stands before a line; the agent's own words stand alone.
const fn label(kind: LogKind) -> &'static str {
    match kind {
        LogKind::Text => "",
        LogKind::Thinking => "[thinking] ",
        LogKind::Tool => "[tool] ",
        LogKind::Stderr => "[stderr] ",
        LogKind::Runner => "[runner] ",
    }
}

#[cfg(test)]
mod tests {
    use protocol::time::Timestamp;

    use super::*;

    fn entry(kind: LogKind, text: &str, partial: bool) -> LogEntry {
        LogEntry {
            n: 1,
            at: Timestamp(0),
            kind,
            text: text.to_owned(),
            partial,
        }
    }

    #[test]
    fn escape_sequences_of_an_agent_do_not_reach_the_terminal() {
        assert_eq!(
            printable("\u{1b}]0;owned\u{7}a\tb\u{202e}"),
            "[U+001B]]0;owned[U+0007]a\tb[U+202E]"
        );
    }

    #[test]
    fn a_line_in_pieces_is_one_line() {
        let mut writer = LogWriter::default();
        let entries = [
            entry(LogKind::Tool, "a", true),
            entry(LogKind::Tool, "b", false),
            entry(LogKind::Text, "c", true),
            entry(LogKind::Stderr, "d", false),
        ];
        let text: String = entries.iter().map(|entry| writer.write(entry)).collect();
        assert_eq!(text, "[tool] ab\nc\n[stderr] d\n");
    }

    #[test]
    fn sizes_are_told_in_their_largest_unit() {
        assert_eq!(
            [0, 1023, 1536, 5 * 1024 * 1024].map(bytes),
            ["0 B", "1023 B", "1.5 KiB", "5.0 MiB"]
        );
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        assert_eq!(short("abcdef\nnext", 4), "abc…");
        assert_eq!(short("abc", 4), "abc");
    }
}
