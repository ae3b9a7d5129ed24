//! Texts that are read from a file, or from standard input.

use std::{
    io::{self, Read as _},
    path::Path,
};

use crate::{exit::Failure, format};

/// Reads the `what` of at most `bytes_max` bytes; the hint says what to do with more.
pub(super) fn read(
    path: &Path,
    what: &str,
    bytes_max: usize,
    hint: &str,
) -> Result<String, Failure> {
    let unreadable = |why: &str| {
        Failure::plain(format!(
            "the {what} cannot be read from {}: {why}",
            path.display()
        ))
    };
    // One byte more than allowed is enough to know.
    let limit = u64::try_from(bytes_max).map_or(u64::MAX, |max| max + 1);
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(&error.to_string()))?;
    if bytes.len() > bytes_max {
        let max = format::bytes(limit - 1);
        return Err(Failure::plain(format!(
            "the {what} in {}: longer than {max}",
            path.display()
        ))
        .hint(hint));
    }
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text"))
}
