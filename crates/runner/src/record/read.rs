//! Reading a stream that grows.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _, SeekFrom},
    path::PathBuf,
};

use serde::de::DeserializeOwned;

/// Distance of two remembered places, in entries.
const INDEX_STEP: u64 = 1024;

/// Reads one stream from any number on, and finds places that it has passed again.
#[derive(Debug)]
pub(crate) struct StreamReader {
    path: PathBuf,
    /// `index[k]` is the offset of entry `k * INDEX_STEP + 1`.
    index: Vec<u64>,
    /// The next entry to read and its offset, where the last reading ended.
    next: (u64, u64),
}

impl StreamReader {
    /// A reader of the stream at `path`, which need not exist yet.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            index: vec![0],
            next: (1, 0),
        }
    }

    /// Whole entries after number `after`: at most `limit`, and about `bytes_max` bytes, at least one.
    pub(crate) fn after<T: DeserializeOwned>(
        &mut self,
        after: u64,
        limit: usize,
        bytes_max: usize,
    ) -> io::Result<Vec<T>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let wanted = after.saturating_add(1);
        let (mut n, mut offset) = self.place_before(wanted);
        let mut reader = BufReader::with_capacity(64 * 1024, file);
        reader.seek(SeekFrom::Start(offset))?;
        let mut entries = Vec::new();
        let (mut line, mut bytes) = (Vec::new(), 0);
        while entries.len() < limit && (bytes < bytes_max || entries.is_empty()) {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
                break;
            }
            if n >= wanted {
                bytes += read;
                if bytes > bytes_max && !entries.is_empty() {
                    break;
                }
                entries.push(serde_json::from_slice(&line)?);
            }
            n += 1;
            offset += read as u64;
            self.remember(n, offset);
        }
        Ok(entries)
    }

    /// Makes sure that everything which has been written is on the disk itself.
    pub(crate) fn sync(&self) -> io::Result<()> {
        // Windows flushes only through a handle that may write.
        match File::options().append(true).open(&self.path) {
            Ok(file) => file.sync_data(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn place_before(&self, n: u64) -> (u64, u64) {
        let slot = usize::try_from(n.saturating_sub(1) / INDEX_STEP).unwrap_or(usize::MAX);
        let slot = slot.min(self.index.len() - 1);
        let known = (slot as u64 * INDEX_STEP + 1, self.index[slot]);
        if self.next.0 <= n && self.next.0 > known.0 {
            self.next
        } else {
            known
        }
    }

    fn remember(&mut self, n: u64, offset: u64) {
        self.next = (n, offset);
        if (n - 1).is_multiple_of(INDEX_STEP) && (n - 1) / INDEX_STEP == self.index.len() as u64 {
            self.index.push(offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Entry {
        n: u64,
    }

    fn numbers(entries: &[Entry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.n).collect()
    }

    #[test]
    fn any_place_is_found_again_while_the_stream_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut reader = StreamReader::new(&path);
        assert!(
            reader.after::<Entry>(0, 5, 1000).unwrap().is_empty(),
            "no file yet"
        );

        let mut file = File::create(&path).unwrap();
        for n in 1..=5000 {
            writeln!(file, "{{\"n\":{n}}}").unwrap();
        }
        for after in [0, 4998, 10, 1023, 1024, 1025, 2048, 4999, 3] {
            let found = reader.after::<Entry>(after, 2, 1000).unwrap();
            let expected: Vec<u64> = (after + 1..=(after + 2).min(5000)).collect();
            assert_eq!(numbers(&found), expected, "after {after}");
        }
        assert!(reader.after::<Entry>(5000, 2, 1000).unwrap().is_empty());

        write!(file, "{{\"n\":5001}}\n{{\"n\":50").unwrap();
        let found = reader.after::<Entry>(5000, 9, 1000).unwrap();
        assert_eq!(numbers(&found), [5001], "a line that grows is left out");
        writeln!(file, "02}}").unwrap();
        let found = reader.after::<Entry>(5001, 9, 1000).unwrap();
        assert_eq!(numbers(&found), [5002]);
    }

    #[test]
    fn a_batch_keeps_its_size_but_never_stands_still() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n").unwrap();
        let mut reader = StreamReader::new(&path);
        assert_eq!(
            numbers(&reader.after::<Entry>(0, 9, 16).unwrap()),
            [1, 2],
            "two lines of eight bytes fit"
        );
        assert_eq!(
            numbers(&reader.after::<Entry>(0, 9, 1).unwrap()),
            [1],
            "a large entry goes alone"
        );
    }
}
