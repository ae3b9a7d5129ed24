//! Taking up a stream whose writer may have died in the middle of a line.

use std::{
    fs::OpenOptions,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

use protocol::digest::RunningDigest;

/// What stands in a stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recovered {
    /// Number of the last entry; 0 when there is none.
    pub(crate) last: u64,
    /// Size of the file after recovery, in bytes.
    pub(crate) bytes: u64,
    /// Digest of all lines.
    pub(crate) digest: RunningDigest,
}

/// Reads the stream at `path` to its end, and cuts off a line that was only half written.
///
/// A missing file is an empty stream. A line that is not JSON can only come from
/// a crash of the machine; it and what follows was never acknowledged, since
/// nothing is sent before it is safe on disk.
pub(crate) fn recover(path: &Path) -> io::Result<Recovered> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Recovered::default()),
        Err(error) => return Err(error),
    };
    let mut found = Recovered::default();
    let mut reader = BufReader::with_capacity(256 * 1024, &file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)?;
        if read == 0 || !is_entry(&line, found.last + 1) {
            break;
        }
        found.digest.update(&line);
        found.last += 1;
        found.bytes += read as u64;
    }
    if file.metadata()?.len() > found.bytes {
        file.set_len(found.bytes)?;
        file.sync_all()?;
    }
    Ok(found)
}

/// Whether `line` is whole and is entry `n`.
fn is_entry(line: &[u8], n: u64) -> bool {
    #[derive(serde::Deserialize)]
    struct Numbered {
        n: u64,
    }
    line.ends_with(b"\n")
        && serde_json::from_slice::<Numbered>(line).is_ok_and(|entry| entry.n == n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_rest_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.ndjson");
        std::fs::write(&path, "{\"n\":1}\n{\"n\":2}\n{\"n\":3").unwrap();
        let found = recover(&path).unwrap();
        assert_eq!(found.last, 2);
        assert_eq!(
            found.digest.hex(),
            protocol::digest::sha256_hex(b"{\"n\":1}\n{\"n\":2}\n")
        );
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\"n\":1}\n{\"n\":2}\n"
        );
        assert_eq!(recover(&path).unwrap().last, 2, "twice equals once");
    }

    #[test]
    fn blocks_of_zeros_after_a_power_cut_are_no_entries() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        std::fs::write(&path, b"{\"n\":1}\n\0\0\0\0\n{\"n\":3}\n").unwrap();
        let found = recover(&path).unwrap();
        assert_eq!((found.last, found.bytes), (1, 8));
    }

    #[test]
    fn a_missing_file_is_an_empty_stream() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(recover(&folder.path().join("none")).unwrap().last, 0);
    }
}
