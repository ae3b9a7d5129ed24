//! The files that the Download Runner page offers: those that really lie in a folder.
//!
//! `cargo xtask package` makes them, and a release puts those of other systems
//! beside them. Only names of that form are looked at and served.

mod name;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use name::Named;
use protocol::api::DownloadFile;
use sha2::{Digest as _, Sha256};
use tokio::{fs, io::AsyncReadExt as _, sync::Mutex};

/// Most files that are offered; more than this is no release.
const FILES_MAX: usize = 200;
const READ_BYTES: usize = 256 * 1024;

/// The folder with what is known of its files.
#[derive(Debug)]
pub(crate) struct Downloads {
    folder: PathBuf,
    known: Mutex<HashMap<String, Known>>,
}

/// A file's checksum, good for as long as the file looks the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    look: Look,
    sha256: String,
}

/// How a file looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    size: u64,
    modified: SystemTime,
}

impl Downloads {
    /// Those in this folder, which need not exist.
    pub(crate) fn of(folder: PathBuf) -> Self {
        Self {
            folder,
            known: Mutex::default(),
        }
    }

    /// Every file that is there, by name; checksums are computed for new ones alone.
    pub(crate) async fn list(&self) -> io::Result<Vec<DownloadFile>> {
        let mut named = Vec::new();
        let mut entries = match fs::read_dir(&self.folder).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        while let Some(entry) = entries.next_entry().await? {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if let Some(parts) = Named::parse(&name) {
                named.push((name, parts));
            }
            if named.len() == FILES_MAX {
                break;
            }
        }
        named.sort_by(|one, other| one.0.cmp(&other.0));
        // One reader computes, and the others find it done.
        let mut known = self.known.lock().await;
        known.retain(|name, _| named.iter().any(|(there, _)| there == name));
        let mut files = Vec::with_capacity(named.len());
        for (name, parts) in named {
            let Some(file) = self.examined(&name, &mut known).await? else {
                continue;
            };
            files.push(DownloadFile {
                kind: parts.kind,
                os: parts.os,
                arch: parts.arch,
                version: parts.version,
                size: file.look.size,
                sha256: file.sha256,
                name,
            });
        }
        Ok(files)
    }

    /// Where a file lies that may be handed out by this name.
    pub(crate) async fn path_of(&self, name: &str) -> Option<PathBuf> {
        Named::parse(name)?;
        let path = self.folder.join(name);
        look_of(&path).await.ok().flatten().map(|_| path)
    }

    async fn examined(
        &self,
        name: &str,
        known: &mut HashMap<String, Known>,
    ) -> io::Result<Option<Known>> {
        let path = self.folder.join(name);
        let Some(look) = look_of(&path).await? else {
            return Ok(None);
        };
        if let Some(file) = known.get(name).filter(|file| file.look == look) {
            return Ok(Some(file.clone()));
        }
        let file = Known {
            look,
            sha256: sha256_of(&path).await?,
        };
        known.insert(name.to_owned(), file.clone());
        Ok(Some(file))
    }
}

/// How the file looks; none for anything but a file of its own, such as a link to elsewhere.
async fn look_of(path: &Path) -> io::Result<Option<Look>> {
    let data = match fs::symlink_metadata(path).await {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !data.is_file() {
        return Ok(None);
    }
    Ok(Some(Look {
        size: data.len(),
        modified: data.modified()?,
    }))
}

async fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path).await?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = file.read(&mut buffer).await?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(hex::encode(digest.finalize()));
        };
        digest.update(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "coord-1.2.3-linux-x86_64.tar.gz";

    #[tokio::test]
    async fn only_files_with_names_of_a_release_are_offered() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = Downloads::of(folder.path().join("not-there"));
        assert_eq!(downloads.list().await.unwrap(), []);
        let downloads = Downloads::of(folder.path().to_owned());
        std::fs::write(folder.path().join(NAME), "abc").unwrap();
        std::fs::write(folder.path().join("SHA256SUMS"), "x").unwrap();
        std::fs::create_dir(folder.path().join("coord-1.2.4-linux-x86_64.tar.gz")).unwrap();
        let files = downloads.list().await.unwrap();
        assert_eq!(files.len(), 1);
        let file = &files[0];
        assert_eq!((file.name.as_str(), file.size), (NAME, 3));
        assert_eq!(
            file.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(downloads.path_of(NAME).await.is_some());
        for name in [
            "SHA256SUMS",
            "../coord.db",
            "coord-9.9.9-linux-x86_64.tar.gz",
        ] {
            assert_eq!(downloads.path_of(name).await, None, "{name}");
        }
    }

    #[tokio::test]
    async fn a_checksum_is_computed_once_and_anew_for_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = Downloads::of(folder.path().to_owned());
        std::fs::write(folder.path().join(NAME), "abc").unwrap();
        let first = downloads.list().await.unwrap();
        // What is remembered is told, until the file looks otherwise.
        let remembered = "0".repeat(64);
        downloads
            .known
            .lock()
            .await
            .get_mut(NAME)
            .unwrap()
            .sha256
            .clone_from(&remembered);
        assert_eq!(downloads.list().await.unwrap()[0].sha256, remembered);
        std::fs::write(folder.path().join(NAME), "abcd").unwrap();
        let second = downloads.list().await.unwrap();
        assert!(second[0].sha256 != first[0].sha256 && second[0].sha256 != remembered);
        assert_eq!(second[0].size, 4);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_to_elsewhere_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "x").unwrap();
        std::os::unix::fs::symlink(&secret, folder.path().join(NAME)).unwrap();
        let downloads = Downloads::of(folder.path().to_owned());
        assert_eq!(downloads.list().await.unwrap(), []);
        assert_eq!(downloads.path_of(NAME).await, None);
    }
}
