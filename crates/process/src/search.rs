//! Where programs are looked for.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::Program;

/// Printed before the search path, so that a greeting of the shell is not taken for it.
const MARKER: &str = "coord-search-path-follows";

/// The first program called `name` in `search_path`.
///
/// A relative path in it is skipped: what it means depends on where one stands.
pub fn find_program(name: &str, search_path: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::join_paths(search_path.iter().filter(|path| path.is_absolute())).ok()?;
    which::which_in(name, Some(path), Path::new("/")).ok()
}

/// The search path of `environment`, or of this process where it has none.
pub fn usual_path(environment: &[(String, String)]) -> Vec<PathBuf> {
    let given = environment
        .iter()
        .rev()
        .find(|(name, _)| name == "PATH")
        .map(|(_, value)| OsString::from(value));
    given
        .or_else(|| std::env::var_os("PATH"))
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

/// The search path as a person's login shell sets it up; none when the shell
/// does not say within `limit`.
///
/// Programs started from a desktop get a bare path; what a person installed is
/// only found through the shell's own start-up files.
pub async fn login_shell_path(limit: Duration) -> Option<Vec<PathBuf>> {
    if cfg!(windows) {
        return None;
    }
    path_by(&login_shell(), limit).await
}

/// What `shell` says.
async fn path_by(shell: &Path, limit: Duration) -> Option<Vec<PathBuf>> {
    // Interactive first, because version managers write into that file; a shell
    // that wants a terminal for it is asked again without.
    for flags in [["-l", "-i", "-c"], ["-l", "-c", ""]] {
        let flags = flags.iter().filter(|flag| !flag.is_empty());
        let answer = Program::new(shell)
            .inherit_environment()
            .gently()
            .arguments(flags)
            .argument(format!("echo {MARKER}; printenv PATH"))
            .run_briefly(limit)
            .await;
        if let Some(path) = answer.ok().and_then(|answer| path_in(&answer.stdout)) {
            return Some(path);
        }
    }
    None
}

fn login_shell() -> PathBuf {
    let fallback = if cfg!(target_os = "macos") {
        "/bin/zsh"
    } else {
        "/bin/sh"
    };
    std::env::var_os("SHELL")
        .map(PathBuf::from)
        .filter(|shell| shell.is_absolute() && shell.is_file())
        .unwrap_or_else(|| PathBuf::from(fallback))
}

fn path_in(output: &str) -> Option<Vec<PathBuf>> {
    let mut lines = output.lines().skip_while(|line| line.trim() != MARKER);
    lines.next()?;
    let path: Vec<PathBuf> = std::env::split_paths(lines.next()?.trim())
        .filter(|path| path.is_absolute())
        .collect();
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_not_a_search_path() {
        let said = format!("Welcome!\n/not/this\n{MARKER}\n/usr/bin:relative:/bin\nbye\n");
        assert_eq!(
            path_in(&said).unwrap(),
            [PathBuf::from("/usr/bin"), PathBuf::from("/bin")]
        );
        assert_eq!(path_in("/usr/bin\n"), None);
        assert_eq!(path_in(MARKER), None);
    }

    #[test]
    fn the_last_path_of_an_environment_counts() {
        let environment = [
            ("PATH".to_owned(), "/a".to_owned()),
            ("PATH".to_owned(), "/b".to_owned()),
        ];
        assert_eq!(usual_path(&environment), [PathBuf::from("/b")]);
    }

    #[cfg(target_os = "linux")]
    mod shells {
        use std::{fs, os::unix::fs::PermissionsExt as _};

        use super::*;

        const LIMIT: Duration = Duration::from_secs(20);

        fn shell(folder: &Path, script: &str) -> PathBuf {
            let path = folder.join("shell");
            fs::write(
                &path,
                format!("#!/bin/sh\ncd {}\n{script}\n", folder.display()),
            )
            .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        }

        #[tokio::test]
        async fn a_shell_that_needs_a_terminal_is_asked_again_without() {
            let folder = tempfile::tempdir().unwrap();
            let script = format!("case \"$*\" in *-i*) exit 1;; esac; echo {MARKER}; echo /a:/b");
            let path = path_by(&shell(folder.path(), &script), LIMIT).await;
            assert_eq!(path.unwrap(), [PathBuf::from("/a"), PathBuf::from("/b")]);
        }

        #[tokio::test]
        async fn what_its_start_up_files_do_is_not_broken_off() {
            let folder = tempfile::tempdir().unwrap();
            let script = format!(
                "(trap '' TERM; read line <gate; touch done) >/dev/null 2>&1 & \
                 echo {MARKER}; echo /a"
            );
            let gate = folder.path().join("gate");
            rustix::fs::mknodat(
                rustix::fs::CWD,
                &gate,
                rustix::fs::FileType::Fifo,
                rustix::fs::Mode::from_raw_mode(0o600),
                0,
            )
            .unwrap();
            assert!(
                path_by(&shell(folder.path(), &script), LIMIT)
                    .await
                    .is_some()
            );
            // Opening waits for the reader, which has to be alive still.
            fs::write(&gate, "go\n").unwrap();
            tokio::time::timeout(LIMIT, async {
                while !folder.path().join("done").exists() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
            .await
            .unwrap();
        }

        #[tokio::test]
        async fn one_that_is_too_slow_can_put_its_things_away() {
            let folder = tempfile::tempdir().unwrap();
            let script = "touch lock; trap 'rm lock; exit 1' TERM; sleep 1000 & wait";
            let shell = shell(folder.path(), script);
            let patience = Duration::from_millis(300);
            assert_eq!(path_by(&shell, patience).await, None);
            assert!(!folder.path().join("lock").exists());
        }
    }
}
