//! Pieces of text become lines, and lines become log entries.
//!
//! Not here: secrets (`agents`), numbers, time and files (`recorder`).

use protocol::limits::LOG_TEXT_BYTES_MAX;

/// One entry to be, without number and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The words.
    pub(crate) text: String,
    /// Whether the line goes on in the next piece.
    pub(crate) partial: bool,
}

/// The line that one kind of text is in the middle of.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting: String,
    /// Whether an earlier part of this line was given out as partial.
    open: bool,
}

impl Line {
    /// Takes in `text`, and gives out every line that it completes.
    pub(crate) fn push(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            self.waiting
                .push_str(line.strip_suffix('\r').unwrap_or(line));
            self.cut_long(&mut pieces);
            pieces.push(self.complete());
            rest = after;
        }
        self.waiting.push_str(rest);
        self.cut_long(&mut pieces);
        pieces
    }

    /// Gives out what waits as a part of a line that may go on.
    pub(crate) fn flush(&mut self) -> Option<Piece> {
        if self.waiting.is_empty() {
            return None;
        }
        self.open = true;
        Some(Piece {
            text: std::mem::take(&mut self.waiting),
            partial: true,
        })
    }

    /// Ends the line, if one is under way.
    pub(crate) fn end(&mut self) -> Option<Piece> {
        (self.open || !self.waiting.is_empty()).then(|| self.complete())
    }

    fn complete(&mut self) -> Piece {
        self.open = false;
        Piece {
            text: std::mem::take(&mut self.waiting),
            partial: false,
        }
    }

    fn cut_long(&mut self, pieces: &mut Vec<Piece>) {
        while self.waiting.len() > LOG_TEXT_BYTES_MAX {
            let mut at = LOG_TEXT_BYTES_MAX;
            while !self.waiting.is_char_boundary(at) {
                at -= 1;
            }
            let rest = self.waiting.split_off(at);
            pieces.push(Piece {
                text: std::mem::replace(&mut self.waiting, rest),
                partial: true,
            });
            self.open = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Puts the lines together again, as a reader does.
    fn joined(pieces: &[Piece]) -> Vec<String> {
        let mut lines = vec![];
        let mut line = String::new();
        for piece in pieces {
            line.push_str(&piece.text);
            if !piece.partial {
                lines.push(std::mem::take(&mut line));
            }
        }
        assert!(line.is_empty(), "a line was left open");
        lines
    }

    proptest! {
        #[test]
        fn lines_come_out_as_they_went_in_wherever_they_were_split(
            lines in prop::collection::vec("[a-zä😀 ]{0,40}", 1..12),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..8),
        ) {
            let text = lines.join("\n") + "\n";
            let mut places: Vec<(usize, bool)> = cuts
                .iter()
                .map(|(at, flush)| (at.index(text.len()), *flush))
                .filter(|(at, _)| text.is_char_boundary(*at))
                .collect();
            places.sort_unstable();
            let (mut line, mut pieces, mut from) = (Line::default(), vec![], 0);
            for (at, flush) in places {
                pieces.extend(line.push(&text[from..at]));
                if flush {
                    pieces.extend(line.flush());
                }
                from = at;
            }
            pieces.extend(line.push(&text[from..]));
            pieces.extend(line.end());
            prop_assert_eq!(joined(&pieces), lines);
        }
    }

    #[test]
    fn a_line_of_five_megabytes_is_split_and_never_held() {
        let long = "ä".repeat(5 * 1024 * 1024 / 2);
        let mut line = Line::default();
        let mut pieces = line.push(&long);
        assert!(line.waiting.len() <= LOG_TEXT_BYTES_MAX);
        pieces.extend(line.push("\n"));
        assert!(
            pieces
                .iter()
                .all(|piece| piece.text.len() <= LOG_TEXT_BYTES_MAX)
        );
        assert_eq!(joined(&pieces), [long]);
    }

    #[test]
    fn nothing_said_is_no_line() {
        let mut line = Line::default();
        assert_eq!(line.end(), None);
        assert_eq!(line.flush(), None);
    }
}
