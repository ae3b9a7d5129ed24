//! The system's package manager.

use anyhow::Result;

use super::find_program;
use crate::command::Program;

/// One of the package managers that are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installer {
    /// Debian, Ubuntu.
    Apt,
    /// Fedora.
    Dnf,
    /// macOS.
    Brew,
}

impl Installer {
    /// The one of this system.
    pub(super) fn of_this_system() -> Option<Self> {
        if cfg!(target_os = "macos") {
            return find_program("brew").map(|_| Self::Brew);
        }
        if find_program("apt-get").is_some() {
            return Some(Self::Apt);
        }
        find_program("dnf").map(|_| Self::Dnf)
    }

    /// The command as a person would type it.
    pub(super) fn text(self, names: &[&str]) -> String {
        let mut words = self.words(names);
        if self.needs_root() && !is_root() {
            words.insert(0, "sudo".to_owned());
        }
        words.join(" ")
    }

    /// Installs the packages.
    pub(super) fn install(self, names: &[&str]) -> Result<()> {
        if self == Self::Apt {
            self.as_root(&["apt-get".to_owned(), "update".to_owned(), "-q".to_owned()])?;
        }
        self.as_root(&self.words(names))
    }

    fn words(self, names: &[&str]) -> Vec<String> {
        let begin: &[&str] = match self {
            Self::Apt => &["apt-get", "install", "-y", "--no-install-recommends"],
            Self::Dnf => &["dnf", "install", "-y"],
            Self::Brew => &["brew", "install"],
        };
        let names = names.iter().flat_map(|name| name.split(' '));
        begin
            .iter()
            .copied()
            .chain(names)
            .map(str::to_owned)
            .collect()
    }

    const fn needs_root(self) -> bool {
        !matches!(self, Self::Brew)
    }

    fn as_root(self, words: &[String]) -> Result<()> {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if self.needs_root() && !is_root() {
            words.insert(0, "sudo");
        }
        let (program, arguments) = words.split_first().unwrap_or((&"true", &[]));
        Program::new(program)
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run()
    }
}

/// Whether this user is the administrator.
pub(super) fn is_root() -> bool {
    let id = Program::new("id").args(["-u"]).output();
    cfg!(unix) && id.is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_packages_behind_one_name_are_told_apart() {
        let words = Installer::Apt.words(&["a b", "c"]);
        assert_eq!(words[4..], ["a", "b", "c"]);
    }
}
