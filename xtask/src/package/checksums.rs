//! The list of checksums, in the form that `sha256sum --check` reads.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// Name of the list.
pub(super) const NAME: &str = "SHA256SUMS";

/// Writes the list of `files`, which stand in `folder`.
pub(super) fn write(folder: &Path, files: &[PathBuf]) -> Result<PathBuf> {
    let mut list = String::new();
    for file in files {
        let content =
            fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let name = file.file_name().context("a file has a name")?;
        let sum = hex::encode(Sha256::digest(&content));
        writeln!(list, "{sum}  {}", name.display())?;
    }
    let path = folder.join(NAME);
    fs::write(&path, list).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_sum_two_spaces_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("coord.tar.gz");
        fs::write(&file, "abc").unwrap();
        let list = write(folder.path(), &[file]).unwrap();
        assert_eq!(
            fs::read_to_string(list).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  coord.tar.gz\n"
        );
    }
}
