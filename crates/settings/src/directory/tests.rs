//! Suitable and unsuitable directories.

use super::*;

struct Machine {
    folder: tempfile::TempDir,
    home: PathBuf,
    data: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (home, data) = (root.join("home"), root.join("home/data"));
        fs::create_dir_all(&data).unwrap();
        Self { folder, home, data }
    }

    fn places(&self) -> Places<'_> {
        Places {
            home: Some(&self.home),
            data_dir: &self.data,
        }
    }

    fn look(&self, path: &Path) -> Findings {
        look_at(path, self.places())
    }
}

#[test]
fn a_directory_that_is_not_there_yet_will_do_and_is_made_only_when_chosen() {
    let machine = Machine::new();
    let path = machine.home.join("work/coord");
    let found = machine.look(&path);
    assert!(found.problem.is_none(), "{found:?}");
    assert!(!found.exists && !path.exists());
    assert!(found.free_bytes.is_some());
    assert_eq!(prepare(&path, machine.places()).unwrap(), path);
    assert!(machine.look(&path).exists);
    assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
}

#[test]
fn places_that_hold_other_things_are_refused() {
    let machine = Machine::new();
    let file = machine.home.join("file");
    fs::write(&file, "").unwrap();
    let refused = |path: &Path| machine.look(path).problem.unwrap();
    assert!(matches!(refused(&machine.home), Problem::Home(_)));
    assert!(matches!(refused(Path::new("/")), Problem::Root(_)));
    assert!(matches!(
        refused(Path::new("work")),
        Problem::NotAbsolute(_)
    ));
    assert!(matches!(refused(&machine.data), Problem::InsideDataDir(_)));
    assert!(matches!(
        refused(&machine.data.join("a")),
        Problem::InsideDataDir(_)
    ));
    let around = machine.folder.path();
    assert!(matches!(refused(around), Problem::AroundDataDir(_)));
    assert!(matches!(refused(&file), Problem::NotADirectory(_)));
    assert!(matches!(
        refused(&file.join("in")),
        Problem::NotADirectory(_)
    ));
}

#[cfg(unix)]
#[test]
fn a_link_to_the_home_directory_is_the_home_directory() {
    let machine = Machine::new();
    let link = machine.folder.path().join("link");
    std::os::unix::fs::symlink(&machine.home, &link).unwrap();
    assert!(matches!(
        machine.look(&link).problem,
        Some(Problem::Home(_))
    ));
    assert!(matches!(
        machine.look(&link.join("data/x")).problem,
        Some(Problem::InsideDataDir(_))
    ));
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_nobody_can_write_to_is_refused_with_the_reason() {
    let machine = Machine::new();
    // Not even the administrator makes folders in `/proc`.
    let problem = machine.look(Path::new("/proc/coord")).problem.unwrap();
    assert_eq!(problem.code(), "workspace_unwritable");
}

#[test]
fn synchronised_folders_are_warned_of() {
    for (path, service) in [
        ("/home/a/Dropbox/work", Some("Dropbox")),
        ("/home/a/OneDrive - Firm/work", Some("OneDrive")),
        ("/Users/a/Library/Mobile Documents/x", Some("iCloud Drive")),
        ("/home/a/dropbox-tools", None),
    ] {
        assert_eq!(synchronised_by(Path::new(path)), service);
    }
}
