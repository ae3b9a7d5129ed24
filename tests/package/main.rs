//! The files that people download: unpacked, looked at, and run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use whole::Run;

/// The folder with the files, and an empty one beside it.
struct Packages {
    files: PathBuf,
    scratch: TempDir,
}

impl Packages {
    fn open() -> Result<Self> {
        let files = std::env::var_os("COORD_TEST_PACKAGES")
            .context("COORD_TEST_PACKAGES names what `cargo xtask package` made")?;
        Ok(Self {
            files: files.into(),
            scratch: tempfile::tempdir()?,
        })
    }

    /// The one file whose name begins and ends so.
    fn file(&self, begins: &str, ends: &str) -> Result<PathBuf> {
        let mut found = None;
        for entry in fs::read_dir(&self.files)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(begins) && name.ends_with(ends) {
                ensure!(found.is_none(), "{begins}…{ends} stands for several files");
                found = Some(entry.path());
            }
        }
        found.with_context(|| format!("there is no {begins}…{ends}"))
    }

    fn scratch(&self) -> &Path {
        self.scratch.path()
    }
}

fn program(name: &str) -> Run {
    Run::new(Path::new(name)).env("PATH", "/usr/bin:/bin")
}

fn version_of(program: &Path) -> String {
    Run::new(program).args(["--version"]).run().ok()
}

#[test]
fn the_archive_brings_a_program_that_answers() -> Result<()> {
    let packages = Packages::open()?;
    let archive = packages.file("coord-0", ".tar.gz")?;
    let name = archive.file_name().unwrap().to_string_lossy().into_owned();
    program("tar")
        .arg("-xzf")
        .arg(&archive)
        .dir(packages.scratch())
        .run()
        .ok();
    let folder = packages
        .scratch()
        .join(name.strip_suffix(".tar.gz").unwrap());
    let version = version_of(&folder.join("coord"));
    assert!(
        name.contains(version.split_whitespace().nth(1).unwrap()),
        "{name} brings {version}"
    );
    for document in ["README.md", "LICENSE"] {
        assert!(folder.join(document).is_file(), "{document} is missing");
    }
    Ok(())
}

#[test]
fn the_debian_package_brings_app_service_menu_entry_and_icon() -> Result<()> {
    let packages = Packages::open()?;
    let package = packages.file("coord-runner-", ".deb")?;
    let root = packages.scratch().join("root");
    program("dpkg-deb")
        .arg("-x")
        .args([&package, &root])
        .run()
        .ok();
    let needs = program("dpkg-deb")
        .arg("-f")
        .arg(&package)
        .arg("Depends")
        .run()
        .ok();
    for library in ["libwebkit2gtk-4.1-0", "libayatana-appindicator3-1"] {
        assert!(needs.contains(library), "{needs}");
    }
    // The app starts the service that stands beside it, so both are of one version.
    let app = version_of(&root.join("usr/bin/coord-runner"));
    let service = version_of(&root.join("usr/bin/coord"));
    assert_eq!(
        app.split_whitespace().nth(1),
        service.split_whitespace().nth(1),
        "{app} starts {service}"
    );
    let entry = root.join("usr/share/applications/Coord Runner.desktop");
    let entry = fs::read_to_string(entry)?;
    assert!(entry.contains("Exec=coord-runner %u"), "{entry}");
    let icon = root.join("usr/share/icons/hicolor/128x128/apps/coord-runner.png");
    assert!(icon.is_file());
    Ok(())
}

#[test]
fn the_checksums_fit_every_file() -> Result<()> {
    let packages = Packages::open()?;
    let checked = program("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .dir(&packages.files)
        .run()
        .ok();
    let files = fs::read_dir(&packages.files)?.count();
    assert_eq!(checked.matches(": OK").count(), files - 1, "{checked}");
    Ok(())
}
