//! Where programs stand: a path set by hand, the search path, and the places where
//! installers and version managers put them.
//!
//! A program that was started from a desktop or by a service manager sees a bare
//! search path; the usual places make up for what even a login shell leaves out.

#[cfg(any(test, target_os = "linux"))]
mod linux;
#[cfg(any(test, target_os = "macos"))]
mod macos;
#[cfg(any(test, unix))]
mod unix;
#[cfg(any(test, windows))]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
use unix as system;
#[cfg(windows)]
use windows as system;

use std::path::{Path, PathBuf};

use crate::driver::Lookout;

/// Folders in which agents and their tools usually are, as far as they are there;
/// `environment` says whose.
pub fn usual_folders(environment: &[(String, String)]) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for folder in system::folders(&Surroundings { environment }) {
        if folder.is_dir() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

impl Lookout {
    /// The program called `name`: only the path set by hand where there is one, else
    /// the first on the search path, else the first in a usual place.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        if let Some(program) = &self.program {
            return program.is_file().then(|| program.clone());
        }
        process::find_program(name, &self.search_path)
            .or_else(|| process::find_program(name, &usual_folders(&self.environment)))
    }

    /// The value of a variable in the environment of programs that are asked.
    pub fn variable(&self, name: &str) -> Option<&str> {
        Surroundings {
            environment: &self.environment,
        }
        .variable(name)
    }

    /// The person's home directory.
    pub fn home(&self) -> Option<PathBuf> {
        Surroundings {
            environment: &self.environment,
        }
        .home()
    }
}

/// Whose places are looked for.
struct Surroundings<'a> {
    environment: &'a [(String, String)],
}

impl<'a> Surroundings<'a> {
    fn variable(&self, name: &str) -> Option<&'a str> {
        self.environment
            .iter()
            .rev()
            .find(|(key, _)| key == name || (cfg!(windows) && key.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    }

    fn home(&self) -> Option<PathBuf> {
        self.folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }
}

/// `tail` in each folder within `versions`, the newest version first.
fn each_version(versions: &Path, tail: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(versions)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(number_of(path)));
    found.into_iter().map(|path| path.join(tail)).collect()
}

fn number_of(path: &Path) -> Vec<u32> {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse().unwrap_or_default())
        .collect()
}

/// The prefix that a person set for npm's global packages, from the text of `.npmrc`.
fn npm_prefix(text: &str, home: &Path) -> Option<PathBuf> {
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "prefix").then(|| value.trim().trim_matches('"'))
    })?;
    let below_home = ["~/", "${HOME}/", "$HOME/"]
        .iter()
        .find_map(|start| value.strip_prefix(start));
    let path = below_home.map_or_else(|| PathBuf::from(value), |rest| home.join(rest));
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["v9.11.2", "v22.3.0", "v22.14.0", "alias"] {
            fs::create_dir(folder.path().join(version)).unwrap();
        }
        let names: Vec<_> = each_version(folder.path(), "bin")
            .iter()
            .map(|path| {
                let version = path.parent().unwrap().file_name().unwrap();
                version.to_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(names, ["v22.14.0", "v22.3.0", "v9.11.2", "alias"]);
        assert!(each_version(Path::new("/is/not/there"), "bin").is_empty());
    }

    #[test]
    fn a_prefix_of_npm_may_be_below_the_home() {
        let home = Path::new("/home/ada");
        for (text, expected) in [
            ("prefix=~/.packages", Some("/home/ada/.packages")),
            ("a=b\nprefix = ${HOME}/.p\n", Some("/home/ada/.p")),
            ("prefix=\"/opt/npm\"", Some("/opt/npm")),
            ("prefix=relative", None),
            ("registry=https://example.com", None),
        ] {
            assert_eq!(
                npm_prefix(text, home),
                expected.map(PathBuf::from),
                "{text}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_found_by_hand_then_on_the_path_then_in_the_usual_places() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let program = |folder: &str| {
            let folder = root.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            let path = folder.join("an-agent");
            fs::write(&path, "#!/bin/sh\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let (by_hand, on_path) = (program("chosen"), program("on-path"));
        let usual = program(".nvm/versions/node/v22.1.0/bin");
        let mut lookout = Lookout {
            program: Some(by_hand.clone()),
            search_path: vec![root.path().join("on-path")],
            environment: vec![("HOME".to_owned(), root.path().display().to_string())],
            patience: std::time::Duration::from_secs(1),
        };
        assert_eq!(lookout.find("an-agent"), Some(by_hand));
        lookout.program = Some(root.path().join("nothing"));
        assert_eq!(lookout.find("an-agent"), None);
        lookout.program = None;
        assert_eq!(lookout.find("an-agent"), Some(on_path));
        lookout.search_path.clear();
        assert_eq!(lookout.find("an-agent"), Some(usual));
        assert_eq!(lookout.find("another"), None);
    }

    #[test]
    fn every_system_names_its_places_below_the_home() {
        let home = if cfg!(windows) {
            "C:\\Users\\ada"
        } else {
            "/home/ada"
        };
        let environment: Vec<(String, String)> = ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"]
            .iter()
            .map(|name| ((*name).to_owned(), home.to_owned()))
            .collect();
        let surroundings = Surroundings {
            environment: &environment,
        };
        for folders in [
            linux::folders(&surroundings),
            macos::folders(&surroundings),
            windows::folders(&surroundings),
        ] {
            let below = folders.iter().filter(|path| path.starts_with(home)).count();
            assert!(below >= 5, "{folders:?}");
            assert!(folders.iter().all(|path| path.is_absolute()));
        }
    }
}
