//! Folders of files that never change: copied with their checksums, and compared.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
};

use protocol::digest::RunningDigest;

use super::{BackupError, of_file};
use crate::objects::{ARRIVING, ASIDE};

/// How much of a file is read at once.
const READ_BYTES: usize = 256 * 1024;

/// A file of a back-up, as the list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) sha256: String,
    pub(super) bytes: u64,
    pub(super) path: String,
}

impl Listed {
    pub(super) fn line(&self) -> String {
        format!("{} {} {}\n", self.sha256, self.bytes, self.path)
    }

    fn parse(line: &str) -> Option<Self> {
        let (sha256, rest) = line.split_once(' ')?;
        let (bytes, path) = rest.split_once(' ')?;
        // Nothing may be written outside the folder, whatever the list says.
        let stays_inside = Path::new(path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        stays_inside.then(|| {
            Some(Self {
                sha256: sha256.to_owned(),
                bytes: bytes.parse().ok()?,
                path: path.to_owned(),
            })
        })?
    }
}

/// Reads a list of files; the digest of its text.
pub(super) fn read_list(path: &Path) -> Result<(Vec<Listed>, String), BackupError> {
    let file = File::open(path).map_err(of_file(path))?;
    let mut digest = RunningDigest::default();
    let mut listed = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(of_file(path))?;
        digest.update(line.as_bytes());
        digest.update(b"\n");
        let one = Listed::parse(&line).ok_or_else(|| BackupError::Damaged(path.to_owned()))?;
        listed.push(one);
    }
    Ok((listed, digest.hex()))
}

/// Every file of a folder but what is still arriving and what no row names, relative to it.
pub(super) fn all_in(root: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let full = root.join(&folder);
        let entries = match fs::read_dir(&full) {
            Ok(entries) => entries,
            // Erased meanwhile, or never made.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(of_file(&full)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(of_file(&full))?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().map_err(of_file(&full))?;
            let belongs = path != Path::new(ARRIVING) && path != Path::new(ASIDE);
            if kind.is_dir() && belongs {
                folders.push(path);
            } else if kind.is_file() && !is_partial(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether the object store has not finished writing it: then it adds `#` and a number.
fn is_partial(path: &Path) -> bool {
    path.to_string_lossy().contains('#')
}

/// Copies a file into a place that does not exist; none when it is not there any more.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Option<(String, u64)>, BackupError> {
    let mut source = match File::open(from) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(of_file(from)(error)),
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(of_file(folder))?;
    }
    let mut target = File::create_new(to).map_err(of_file(to))?;
    let mut digest = RunningDigest::default();
    let mut bytes = 0;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = source.read(&mut buffer).map_err(of_file(from))?;
        if count == 0 {
            break;
        }
        digest.update(&buffer[..count]);
        target.write_all(&buffer[..count]).map_err(of_file(to))?;
        bytes += count as u64;
    }
    target.sync_all().map_err(of_file(to))?;
    Ok(Some((digest.hex(), bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_nothing_outside_its_folder() {
        let one = Listed {
            sha256: "ab".to_owned(),
            bytes: 7,
            path: "logs/a b/1-2.zst".to_owned(),
        };
        assert_eq!(Listed::parse(one.line().trim_end()), Some(one));
        for line in ["ab 7 ../x", "ab 7 /etc/passwd", "ab seven x", "ab 7", ""] {
            assert_eq!(Listed::parse(line), None, "{line}");
        }
    }

    #[test]
    fn what_still_arrives_is_left_out() {
        let root = tempfile::tempdir().unwrap();
        for path in ["a/b", "arriving/c", "aside/1/f", "d", "e#1"] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let found = all_in(root.path()).unwrap();
        assert_eq!(found, [PathBuf::from("a/b"), PathBuf::from("d")]);
        let missing = all_in(&root.path().join("nowhere")).unwrap();
        assert!(missing.is_empty());
    }
}
