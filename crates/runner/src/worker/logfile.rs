//! The stream of log entries on disk, open for its one writer.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use protocol::{
    digest::RunningDigest,
    record::{LogEntry, LogKind, log_line},
    time::Timestamp,
};

use super::lines::Piece;
use crate::record::recover;

/// How much is put together before it is written without waiting for the clock.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// The log of one attempt.
///
/// Entries wait in memory for a quarter of a second at most; whoever sends them
/// on makes sure first that they are safe on disk.
#[derive(Debug)]
pub(crate) struct LogFile {
    file: File,
    waiting: Vec<u8>,
    /// Bytes that stand in the file.
    written: u64,
    /// The last entry taken in, and the last one written.
    last: u64,
    last_written: u64,
    digest: RunningDigest,
    bytes_max: u64,
    full: bool,
}

impl LogFile {
    /// Opens the log at `path`, after what is there already; it grows to about `bytes_max` bytes.
    pub(crate) fn open(path: &Path, bytes_max: u64) -> io::Result<Self> {
        let found = recover(path)?;
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            file,
            waiting: Vec::new(),
            written: found.bytes,
            last: found.last,
            last_written: found.last,
            digest: found.digest,
            bytes_max,
            full: found.bytes >= bytes_max,
        })
    }

    /// Number of the last entry that others can read.
    pub(crate) fn last_written(&self) -> u64 {
        self.last_written
    }

    /// Takes in one entry; once the log is full, one last entry says so.
    pub(crate) fn push(&mut self, at: Timestamp, kind: LogKind, piece: Piece) -> io::Result<()> {
        if self.full {
            return Ok(());
        }
        if self.written + self.waiting.len() as u64 >= self.bytes_max {
            self.full = true;
            let text = format!(
                "The log has reached its limit of {} MB. What the agent says from here on is not kept; its work goes on.",
                self.bytes_max / 1_000_000
            );
            return self.take_in(
                at,
                LogKind::Runner,
                Piece {
                    text,
                    partial: false,
                },
            );
        }
        self.take_in(at, kind, piece)
    }

    fn take_in(&mut self, at: Timestamp, kind: LogKind, piece: Piece) -> io::Result<()> {
        self.last += 1;
        let line = log_line(&LogEntry {
            n: self.last,
            at,
            kind,
            text: piece.text,
            partial: piece.partial,
        });
        self.digest.update(line.as_bytes());
        self.waiting.extend_from_slice(line.as_bytes());
        if self.waiting.len() >= BUFFER_BYTES_MAX {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what waits, for others to read.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.waiting) {
            // What a full disk let through goes again, so that no line stands there twice.
            self.file.set_len(self.written)?;
            return Err(error);
        }
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        self.last_written = self.last;
        Ok(())
    }

    /// Writes everything, makes it safe on disk, and says where the log ends and its digest.
    pub(crate) fn close(&mut self) -> io::Result<(u64, String)> {
        self.write()?;
        self.file.sync_all()?;
        Ok((self.last, self.digest.hex()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str) -> Piece {
        Piece {
            text: text.to_owned(),
            partial: false,
        }
    }

    #[test]
    fn a_full_log_says_so_once_and_keeps_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.ndjson");
        let mut log = LogFile::open(&path, 300).unwrap();
        for _ in 0..50 {
            log.push(Timestamp(1), LogKind::Text, piece("words"))
                .unwrap();
        }
        let (last, digest) = log.close().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count() as u64, last);
        assert!(last < 10);
        assert!(text.lines().last().unwrap().contains("reached its limit"));
        assert_eq!(digest, protocol::digest::sha256_hex(text.as_bytes()));

        let mut again = LogFile::open(&path, 300).unwrap();
        again
            .push(Timestamp(2), LogKind::Text, piece("more"))
            .unwrap();
        assert_eq!(
            again.close().unwrap(),
            (last, digest),
            "full stays full after a restart"
        );
    }

    #[test]
    fn numbers_and_digest_go_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.ndjson");
        let mut log = LogFile::open(&path, 10_000).unwrap();
        log.push(Timestamp(1), LogKind::Text, piece("one")).unwrap();
        log.close().unwrap();
        let mut log = LogFile::open(&path, 10_000).unwrap();
        log.push(Timestamp(2), LogKind::Tool, piece("two")).unwrap();
        let (last, digest) = log.close().unwrap();
        assert_eq!(last, 2);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(digest, protocol::digest::sha256_hex(&bytes));
    }
}
