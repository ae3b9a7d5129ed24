//! Whether something is on the machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::command::Program;

/// How the presence of a package shows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Probe {
    /// One of these programs is on the search path.
    Program(&'static [&'static str]),
    /// pkg-config knows this library.
    Library(&'static str),
    /// Debian's own Python has these modules.
    PythonModules(&'static str),
    /// A file of this ending stands somewhere below this folder.
    FileBelow(&'static str, &'static str),
    /// PostgreSQL's `initdb`, which some systems keep off the search path.
    Postgres,
}

impl Probe {
    /// Whether it is here.
    pub(super) fn finds(self) -> bool {
        match self {
            Self::Program(names) => names.iter().any(|name| find_program(name).is_some()),
            Self::Library(name) => {
                let check = Program::new("pkg-config").args(["--exists", name]);
                check.succeeds()
            }
            Self::PythonModules(modules) => {
                let import = Program::new("/usr/bin/python3").args(["-c", modules]);
                import.succeeds()
            }
            Self::FileBelow(folder, ending) => any_below(Path::new(folder), ending, 4),
            Self::Postgres => {
                find_program("initdb").is_some()
                    || any_below(Path::new("/usr/lib/postgresql"), "initdb", 3)
            }
        }
    }
}

/// The program `name` on the search path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path)
        .map(|dir| dir.join(&file))
        .find(|path| path.is_file());
    // npm and the like are scripts on Windows.
    found.or_else(|| {
        let script = format!("{name}.cmd");
        let candidates = env::split_paths(&path).map(|dir| dir.join(&script));
        candidates
            .filter(|_| cfg!(windows))
            .find(|path| path.is_file())
    })
}

fn any_below(folder: &Path, ending: &str, depth: u32) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            depth > 0 && any_below(&path, ending, depth - 1)
        } else {
            path.to_string_lossy().ends_with(ending)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_found_and_nonsense_is_not() {
        assert!(find_program("cargo").is_some());
        assert!(find_program("no-such-program-anywhere").is_none());
    }
}
