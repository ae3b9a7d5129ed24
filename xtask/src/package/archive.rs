//! The archive with the `coord` program alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{command::Program, project};

/// Packs `program`, README and licence into `<name>.tar.gz`, or `.zip` on Windows.
///
/// `tar` is part of every system, of Windows too, where it makes zip files by their name.
pub(super) fn make(program: &Path, name: &str, out: &Path) -> Result<PathBuf> {
    let folder = out.join(name);
    fs::create_dir_all(&folder)?;
    let file_name = program.file_name().context("a program has a name")?;
    copy(program, &folder.join(file_name))?;
    for document in ["README.md", "LICENSE"] {
        copy(&project::root().join(document), &folder.join(document))?;
    }
    let (flags, ending) = if cfg!(windows) {
        ("-acf", "zip")
    } else {
        ("-czf", "tar.gz")
    };
    let archive = format!("{name}.{ending}");
    Program::new("tar")
        .args([flags, &archive, name])
        .dir(out)
        .run()?;
    fs::remove_dir_all(&folder)?;
    Ok(out.join(archive))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = fs::copy(from, to);
    copied.with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}
