//! Collecting what the agent leaves in its output folder.
//!
//! The agent wrote these files and may have meant harm: links are not followed,
//! names that cannot travel are left out, and every limit is said aloud.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use protocol::{
    digest::{RunningDigest, sha256_hex},
    limits::{ARTIFACTS_PER_ATTEMPT_MAX, PART_BYTES_MAX},
    runner::ArtifactFile,
};

/// Largest single artifact, in bytes.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Deepest folder that is looked into.
const DEPTH_MAX: usize = 32;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// Files to hand over, by path.
    pub(crate) files: Vec<ArtifactFile>,
    /// What was left out, and why.
    pub(crate) left_out: Vec<String>,
}

/// Looks through `output`; a folder that does not exist is an empty one.
pub(crate) fn collect(output: &Path) -> io::Result<Package> {
    let mut package = Package::default();
    let mut paths = Vec::new();
    // Following a link in place of the folder itself would lead out of it as well.
    if fs::symlink_metadata(output).is_ok_and(|facts| facts.is_dir()) {
        walk(output, output, 0, &mut paths, &mut package.left_out)?;
    }
    paths.sort();
    for (name, path) in paths {
        if package.files.len() == ARTIFACTS_PER_ATTEMPT_MAX {
            package.left_out.push(format!(
                "There are more than {ARTIFACTS_PER_ATTEMPT_MAX} files; `{name}` and those after it were left out."
            ));
            break;
        }
        let size = fs::symlink_metadata(&path)?.len();
        if size > FILE_BYTES_MAX {
            package.left_out.push(format!(
                "`{name}` was left out: it is larger than {} GB.",
                FILE_BYTES_MAX / 1024 / 1024 / 1024
            ));
            continue;
        }
        package.files.push(describe(name, &path)?);
    }
    Ok(package)
}

fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    found: &mut Vec<(String, PathBuf)>,
    left_out: &mut Vec<String>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEPTH_MAX {
            walk(root, &path, depth + 1, found, left_out)?;
        } else if kind.is_dir() {
            left_out.push(format!("`{shown}` was left out: it lies too deep."));
        } else if kind.is_symlink() {
            left_out.push(format!("`{shown}` was left out: it is a link."));
        } else if !kind.is_file() {
            left_out.push(format!("`{shown}` was left out: it is no ordinary file."));
        } else if let Some(name) = travelling_name(root, &path) {
            found.push((name, path));
        } else {
            left_out.push(format!(
                "`{shown}` was left out: its name cannot be used elsewhere."
            ));
        }
    }
    Ok(())
}

/// The path within the output folder as it travels: UTF-8, with `/`, without control characters.
fn travelling_name(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    let name = parts?.join("/");
    let fits = name.len() <= 1024 && !name.contains(|c: char| c.is_control() || c == '\\');
    fits.then_some(name)
}

fn describe(name: String, path: &Path) -> io::Result<ArtifactFile> {
    let mut file = File::open(path)?;
    let mut whole = RunningDigest::default();
    let (mut parts, mut size) = (Vec::new(), 0);
    let mut part = Vec::new();
    loop {
        part.clear();
        (&mut file)
            .take(PART_BYTES_MAX as u64)
            .read_to_end(&mut part)?;
        if part.is_empty() {
            break;
        }
        whole.update(&part);
        parts.push(sha256_hex(&part));
        size += part.len() as u64;
    }
    Ok(ArtifactFile {
        path: name,
        size,
        sha256: whole.hex(),
        parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_described_with_the_digests_of_their_parts() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        let big = vec![7_u8; PART_BYTES_MAX + 5];
        fs::write(folder.path().join("sub/big.bin"), &big).unwrap();
        fs::write(folder.path().join("empty.txt"), "").unwrap();
        let package = collect(folder.path()).unwrap();
        let names: Vec<_> = package
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.size, file.parts.len()))
            .collect();
        assert_eq!(
            names,
            [
                ("empty.txt", 0, 0),
                ("sub/big.bin", PART_BYTES_MAX as u64 + 5, 2)
            ]
        );
        assert_eq!(package.files[1].sha256, sha256_hex(&big));
        assert_eq!(package.files[1].parts[1], sha256_hex(&[7; 5]));
        assert!(package.left_out.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        fs::create_dir(&output).unwrap();
        fs::write(folder.path().join("secret"), "s").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), output.join("file")).unwrap();
        std::os::unix::fs::symlink(folder.path(), output.join("folder")).unwrap();
        let package = collect(&output).unwrap();
        assert!(package.files.is_empty());
        assert_eq!(package.left_out.len(), 2);

        std::os::unix::fs::symlink(folder.path(), folder.path().join("linked")).unwrap();
        assert_eq!(
            collect(&folder.path().join("linked")).unwrap(),
            Package::default()
        );
    }

    #[test]
    fn no_folder_is_no_result() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            collect(&folder.path().join("none")).unwrap(),
            Package::default()
        );
    }
}
