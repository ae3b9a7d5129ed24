//! What was found, and where in a text it begins.

/// How much of an encoded form has to stand before white space that belongs to it.
const BROKEN_OFF_BYTES: usize = 4;

/// What was found: parts of a text, in order and apart from each other.
#[derive(Debug, Default)]
pub(super) struct Hits(Vec<(usize, usize)>);

impl Hits {
    /// Adds a part, which ends no earlier than those before it.
    pub(super) fn add(&mut self, start: usize, end: usize) {
        let mut start = start;
        while let Some((earlier, its_end)) = self.0.pop() {
            if its_end <= start {
                self.0.push((earlier, its_end));
                break;
            }
            start = start.min(earlier);
        }
        self.0.push((start, end));
    }

    /// Those that begin before `sure`.
    pub(super) fn before(&self, sure: usize) -> impl Iterator<Item = (usize, usize)> {
        let parts = self.0.iter().copied();
        parts.take_while(move |(start, _)| *start < sure)
    }

    /// The first `sure` bytes of the text are gone.
    pub(super) fn moved(&mut self, sure: usize) {
        self.0.retain(|(start, _)| *start >= sure);
        for (start, end) in &mut self.0 {
            *start -= sure;
            *end -= sure;
        }
    }
}

/// White space as programs print it between the words and lines of a secret.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Where the last `length` bytes of `text` begin, each run of blanks being one.
pub(super) fn beginning(text: &[u8], length: usize) -> usize {
    let mut at = text.len();
    for _ in 0..length {
        let Some((&last, mut before)) = text.get(..at).and_then(<[u8]>::split_last) else {
            break;
        };
        if is_blank(last) {
            before = without_blanks_at_end(before);
        }
        at = before.len();
    }
    at
}

/// Where the last `length` bytes of `text` begin, blanks not being counted.
///
/// Less than [`BROKEN_OFF_BYTES`] before blanks are left out: nearly every line ends
/// in what could be the beginning of some form, and none would be seen before the next.
pub(super) fn beginning_without_blanks(text: &[u8], length: usize) -> usize {
    let mut left = length;
    for (at, byte) in text.iter().enumerate().rev() {
        if left == 0 || is_blank(*byte) && left < BROKEN_OFF_BYTES {
            return at + 1;
        }
        left -= usize::from(!is_blank(*byte));
    }
    0
}

fn without_blanks_at_end(mut text: &[u8]) -> &[u8] {
    while let [before @ .., last] = text
        && is_blank(*last)
    {
        text = before;
    }
    text
}
