//! Appending events.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use protocol::{
    record::{Event, EventEntry},
    time::Timestamp,
};

use super::recover;

/// The stream of events, open for its one writer.
///
/// Every event is on the disk itself before anybody hears of it, so that nothing
/// is ever acted on or acknowledged which a crash could undo.
#[derive(Debug)]
pub(crate) struct EventLog {
    file: File,
    last: u64,
    bytes: u64,
}

impl EventLog {
    /// Opens the stream at `path`, after what is there already.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let found = recover(path)?;
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            file,
            last: found.last,
            bytes: found.bytes,
        })
    }

    /// Number of the last event; 0 when there is none.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Writes `event` as the next entry.
    pub(crate) fn append(&mut self, at: Timestamp, event: Event) -> io::Result<u64> {
        self.write(at, event, File::sync_data)
    }

    /// Writes `event` as the next entry; it counts for nothing until [`Self::sync`] has returned.
    pub(crate) fn append_ahead(&mut self, at: Timestamp, event: Event) -> io::Result<u64> {
        self.write(at, event, |_| Ok(()))
    }

    /// Makes sure that everything is on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(
        &mut self,
        at: Timestamp,
        event: Event,
        sync: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<u64> {
        let entry = EventEntry {
            n: self.last + 1,
            at,
            event,
        };
        let mut line = serde_json::to_vec(&entry)?;
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| sync(&self.file));
        if let Err(error) = written {
            // Half a line, as a full disk leaves it, must not stand before the next one.
            self.file.set_len(self.bytes)?;
            return Err(error);
        }
        self.last = entry.n;
        self.bytes += line.len() as u64;
        Ok(entry.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_goes_on_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.ndjson");
        let notice = || Event::Notice {
            level: protocol::record::NoticeLevel::Info,
            message: "a".to_owned(),
        };
        let mut log = EventLog::open(&path).unwrap();
        assert_eq!(log.append(Timestamp(1), notice()).unwrap(), 1);
        drop(log);
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"n\":2,\"at\"").unwrap();
        let mut log = EventLog::open(&path).unwrap();
        assert_eq!(log.append(Timestamp(2), notice()).unwrap(), 2);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
    }
}
