//! Where the socket of a data directory's service is, written down by the service.
//!
//! Client and service can have different environments (a service manager sets
//! other variables than a login), so the client reads instead of guessing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const FILE_NAME: &str = "control.address";

/// The address written down in `data_dir`; none when no service ever ran there.
pub(crate) fn read(data_dir: &Path) -> io::Result<Option<PathBuf>> {
    match fs::read_to_string(data_dir.join(FILE_NAME)) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(PathBuf::from(text.trim_end_matches('\n')))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the address down; a reader sees the old one or the new one, whole.
pub(crate) fn write(data_dir: &Path, address: &Path) -> io::Result<()> {
    let half = data_dir.join(format!("{FILE_NAME}.new"));
    fs::write(&half, format!("{}\n", address.display()))?;
    fs::rename(&half, data_dir.join(FILE_NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        write(folder.path(), Path::new("/run/a b.sock")).unwrap();
        assert_eq!(
            read(folder.path()).unwrap(),
            Some(PathBuf::from("/run/a b.sock"))
        );
    }
}
