//! Reading lines from programs that may print anything.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// Longest line of an agent's protocol that is kept whole.
pub const WIRE_LINE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest line of an agent's error output that is kept whole.
pub const STDERR_LINE_BYTES_MAX: usize = 8 * 1024;

/// One line, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The text; what is no UTF-8 became replacement characters.
    pub text: String,
    /// How many bytes were cut off its end.
    pub cut: u64,
}

/// Lines of any length and content, of which no more than a bound is held.
pub struct Lines<R> {
    reader: BufReader<R>,
    bytes_max: usize,
    line: Vec<u8>,
    cut: u64,
    begun: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Lines of `reader`, each kept up to `bytes_max`.
    pub fn new(reader: R, bytes_max: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(64 * 1024, reader),
            bytes_max,
            line: Vec::new(),
            cut: 0,
            begun: false,
        }
    }

    /// The next line; the last one may lack its end. Nothing is lost when the
    /// wait is given up and taken up again.
    pub async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let chunk = self.reader.fill_buf().await?;
            if chunk.is_empty() {
                return Ok(self.begun.then(|| self.take()));
            }
            self.begun = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or(chunk);
            let kept = part.len().min(self.bytes_max - self.line.len());
            self.line.extend(part.iter().take(kept));
            self.cut += (part.len() - kept) as u64;
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> Line {
        self.begun = false;
        let mut bytes = std::mem::take(&mut self.line);
        let cut = std::mem::take(&mut self.cut);
        if cut == 0 && bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Line { text, cut }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn all(bytes: &[u8], bytes_max: usize) -> Vec<Line> {
        let mut lines = Lines::new(bytes, bytes_max);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line);
        }
        found
    }

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[tokio::test]
    async fn a_last_line_without_an_end_is_a_line() {
        assert_eq!(texts(&all(b"a\r\n\nb", 10).await), ["a", "", "b"]);
        assert_eq!(texts(&all(b"a\n", 10).await), ["a"]);
        assert_eq!(texts(&all(b"", 10).await), [""; 0]);
    }

    #[tokio::test]
    async fn a_line_beyond_the_bound_is_cut_and_says_so() {
        let mut bytes = vec![b'x'; 5_000_000];
        bytes.extend(b"\nnext\n");
        let lines = all(&bytes, 1000).await;
        assert_eq!(lines[0].text.len(), 1000);
        assert_eq!(lines[0].cut, 4_999_000);
        assert_eq!((lines[1].text.as_str(), lines[1].cut), ("next", 0));
        assert_eq!(all(&bytes, 8_000_000).await[0].text.len(), 5_000_000);
    }

    proptest! {
        #[test]
        fn any_bytes_come_out_as_their_lines(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let lines = runtime.block_on(all(&bytes, 1_000_000));
            let mut expected: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
            if expected.last().is_some_and(|last| last.is_empty()) {
                expected.pop();
            }
            prop_assert_eq!(lines.len(), expected.len());
            for (line, expected) in lines.iter().zip(expected) {
                let expected = expected.strip_suffix(b"\r").unwrap_or(expected);
                prop_assert_eq!(&line.text, &String::from_utf8_lossy(expected).into_owned());
            }
        }
    }
}
