//! A back-up as one file: its folder, packed and compressed.
//!
//! The compression carries a checksum of everything that was packed, and the manifest comes
//! last, so a file that was cut or changed is known before anything is restored.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write as _},
    path::{Component, Path, PathBuf},
};

use super::{BackupError, MANIFEST, files, of_file};
use crate::server;

/// How the name of such a file ends.
const ENDING: &str = ".tar.zst";
/// How much is read at once.
const READ_BYTES: usize = 256 * 1024;

/// A folder that is there while something is packed or unpacked.
pub(super) struct Workplace(PathBuf);

impl Workplace {
    /// Makes one beside `path`; what an earlier one left there is removed.
    pub(super) fn beside(path: &Path) -> Result<Self, BackupError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.with_file_name(format!(".{name}.at-work"));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(of_file(&folder))?;
        }
        server::prepare_data_dir(&folder)?;
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a folder of a back-up stays");
        }
    }
}

/// Whether the name is that of a back-up in one file.
pub(super) fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(ENDING)
}

/// Packs a back-up; the file is there once it is whole.
pub(super) fn pack(folder: &Path, archive: &Path) -> Result<(), BackupError> {
    let partial = archive.with_extension("partial");
    let packed = write(folder, &partial).and_then(|()| {
        let renamed = fs::rename(&partial, archive);
        renamed.map_err(of_file(archive))
    });
    if packed.is_err() && partial.exists() {
        fs::remove_file(&partial).map_err(of_file(&partial))?;
    }
    packed
}

fn write(folder: &Path, partial: &Path) -> Result<(), BackupError> {
    let file = private_file(partial).map_err(of_file(partial))?;
    let mut out = zstd::Encoder::new(BufWriter::new(file), 0).map_err(of_file(partial))?;
    out.include_checksum(true).map_err(of_file(partial))?;
    let mut tar = tar::Builder::new(out);
    let mut paths = files::all_in(folder)?;
    // Without a manifest it is none, however it is cut.
    paths.sort_by_key(|path| path == Path::new(MANIFEST));
    for path in paths {
        let from = folder.join(&path);
        tar.append_path_with_name(&from, &path)
            .map_err(of_file(&from))?;
    }
    let file = tar
        .into_inner()
        .and_then(zstd::Encoder::finish)
        .and_then(|out| Ok(out.into_inner()?))
        .map_err(of_file(partial))?;
    file.sync_all().map_err(of_file(partial))
}

/// What is in it is for nobody else.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Unpacks a back-up into an empty folder; says so when it is damaged or cut.
pub(super) fn unpack(archive: &Path, folder: &Path) -> Result<(), BackupError> {
    let damaged = |_: io::Error| BackupError::Damaged(archive.to_owned());
    let file = File::open(archive).map_err(of_file(archive))?;
    let plain = zstd::Decoder::new(BufReader::new(file)).map_err(damaged)?;
    let mut tar = tar::Archive::new(plain);
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = entry.path().map_err(damaged)?.into_owned();
        // Nothing may be written outside the folder, whatever the file says.
        let inside = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !inside || !entry.header().entry_type().is_file() {
            return Err(BackupError::Damaged(archive.to_owned()));
        }
        unpack_one(&mut entry, &folder.join(&path), archive)?;
    }
    // On to the very end, where the checksum stands.
    let mut rest = tar.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(damaged)?;
    Ok(())
}

fn unpack_one(entry: &mut impl Read, to: &Path, archive: &Path) -> Result<(), BackupError> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(of_file(folder))?;
    }
    let mut target = File::create_new(to).map_err(of_file(to))?;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = entry.read(&mut buffer);
        let count = count.map_err(|_| BackupError::Damaged(archive.to_owned()))?;
        if count == 0 {
            return Ok(());
        }
        target.write_all(&buffer[..count]).map_err(of_file(to))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(root: &Path) -> (PathBuf, Vec<u8>) {
        let folder = root.join("folder");
        for (path, text) in [
            ("tables/jobs", "rows".repeat(5_000)),
            (MANIFEST, "{}".to_owned()),
        ] {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let archive = root.join("today.tar.zst");
        pack(&folder, &archive).unwrap();
        let bytes = fs::read(&archive).unwrap();
        (archive, bytes)
    }

    #[test]
    fn a_packed_folder_comes_out_as_it_went_in() {
        let root = tempfile::tempdir().unwrap();
        let (archive, _) = packed(root.path());
        let out = root.path().join("out");
        unpack(&archive, &out).unwrap();
        let names = files::all_in(&out).unwrap();
        assert_eq!(names, files::all_in(&root.path().join("folder")).unwrap());
        let rows = fs::read_to_string(out.join("tables/jobs")).unwrap();
        assert_eq!(rows, "rows".repeat(5_000));
        assert!(is_archive(&archive) && !is_archive(&out));
    }

    #[test]
    fn wherever_it_is_cut_or_changed_it_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let (archive, bytes) = packed(root.path());
        // A bit that the format leaves unused changes nothing of what comes out.
        let refused_or_the_same = |bytes: &[u8]| {
            fs::write(&archive, bytes).unwrap();
            let out = tempfile::tempdir_in(root.path()).unwrap();
            if unpack(&archive, out.path()).is_err() || !out.path().join(MANIFEST).exists() {
                return "refused";
            }
            let names = ["tables/jobs", MANIFEST].map(PathBuf::from);
            let text = |name: &PathBuf| fs::read_to_string(out.path().join(name)).ok();
            let is_whole = text(&names[0]) == Some("rows".repeat(5_000))
                && text(&names[1]).as_deref() == Some("{}")
                && files::all_in(out.path()).unwrap().len() == names.len();
            if is_whole { "the same" } else { "another" }
        };
        for end in 0..bytes.len() {
            let found = refused_or_the_same(&bytes[..end]);
            assert_eq!(found, "refused", "cut at {end} of {}", bytes.len());
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x40;
            let found = refused_or_the_same(&changed);
            assert_ne!(found, "another", "changed at {at} of {}", bytes.len());
        }
        assert_eq!(refused_or_the_same(&bytes), "the same");
    }

    #[test]
    fn nothing_is_unpacked_outside_its_folder() {
        let root = tempfile::tempdir().unwrap();
        let archive = root.path().join("bad.tar.zst");
        let file = File::create(&archive).unwrap();
        let mut tar = tar::Builder::new(zstd::Encoder::new(file, 0).unwrap());
        let mut header = tar::Header::new_gnu();
        let name = b"../outside";
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(1);
        header.set_cksum();
        tar.append(&header, &b"x"[..]).unwrap();
        tar.into_inner().unwrap().finish().unwrap();
        let out = root.path().join("out");
        fs::create_dir(&out).unwrap();
        assert!(matches!(
            unpack(&archive, &out),
            Err(BackupError::Damaged(_))
        ));
        assert!(!root.path().join("outside").exists());
    }
}
