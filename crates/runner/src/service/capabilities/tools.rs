//! Tools that agents make use of, and how far this system can lock a program in.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use protocol::agent::Tool;

/// Time for a tool to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks for all of them along `path`, at once.
pub(super) async fn look(path: &[PathBuf]) -> Vec<Tool> {
    let (git, gh, node, docker, sandbox) = tokio::join!(
        tool("git", &["--version"], path),
        tool("gh", &["--version"], path),
        tool("node", &["--version"], path),
        docker(path),
        sandbox(path),
    );
    vec![git, gh, node, docker, sandbox]
}

async fn tool(name: &str, arguments: &[&str], path: &[PathBuf]) -> Tool {
    let mut tool = Tool {
        name: name.to_owned(),
        version: None,
        detail: None,
    };
    let Some(program) = process::find_program(name, path) else {
        return tool;
    };
    match answer(&program, arguments, path).await {
        Ok(words) => match version_in(&words) {
            Some(version) => tool.version = Some(version.to_owned()),
            None => tool.detail = Some("says no version".to_owned()),
        },
        Err(why) => tool.detail = Some(why),
    }
    tool
}

/// Its client alone is of no use: only its service runs containers.
async fn docker(path: &[PathBuf]) -> Tool {
    let mut tool = tool("docker", &["--version"], path).await;
    if tool.version.is_none() {
        return tool;
    }
    if let Some(program) = process::find_program("docker", path) {
        let service = answer(
            &program,
            &["version", "--format", "{{.Server.Version}}"],
            path,
        )
        .await;
        if service.is_err() {
            tool.detail = Some("its service does not answer".to_owned());
        }
    }
    tool
}

/// What the program says; an error is for a person, and names no place.
async fn answer(program: &Path, arguments: &[&str], path: &[PathBuf]) -> Result<String, String> {
    let mut environment = process::own_environment();
    environment.retain(|(name, _)| {
        ["HOME", "USERPROFILE", "SYSTEMROOT", "DOCKER_HOST"].contains(&name.as_str())
    });
    if let Some(joined) = std::env::join_paths(path)
        .ok()
        .and_then(|path| path.into_string().ok())
    {
        environment.push(("PATH".to_owned(), joined));
    }
    match process::run_briefly(program, arguments, environment, PATIENCE).await {
        Ok(answer) if answer.status.success() => Ok(answer.stdout),
        Ok(answer) => Err(format!("does not work ({})", answer.status)),
        Err(process::BriefError::TooSlow { .. }) => Err("does not answer".to_owned()),
        Err(_) => Err("cannot be started".to_owned()),
    }
}

/// The first word that is a version, as in `git version 2.39.5 (Apple Git-154)`.
fn version_in(words: &str) -> Option<&str> {
    words
        .split_whitespace()
        .map(|word| word.trim_start_matches('v').trim_end_matches([',', ';']))
        .find(|word| word.contains('.') && word.starts_with(|sign: char| sign.is_ascii_digit()))
}

/// The strongest way to lock a program in that really works here.
async fn sandbox(path: &[PathBuf]) -> Tool {
    let (version, detail) = if cfg!(target_os = "linux") {
        match bubblewrap(path).await {
            Some(version) => (Some(version), "bwrap"),
            None if has_landlock() => (None, "landlock"),
            None => (None, "none"),
        }
    } else if cfg!(target_os = "macos") && Path::new("/usr/bin/sandbox-exec").is_file() {
        (None, "seatbelt")
    } else {
        (None, "none")
    };
    Tool {
        name: "sandbox".to_owned(),
        version,
        detail: Some(detail.to_owned()),
    }
}

/// The version of bubblewrap, where it can start a program: many systems forbid it.
async fn bubblewrap(path: &[PathBuf]) -> Option<String> {
    let program = process::find_program("bwrap", path)?;
    let within = process::find_program("true", path)?;
    let within = within.to_str()?;
    let arguments = ["--unshare-user", "--ro-bind", "/", "/", within];
    answer(&program, &arguments, path).await.ok()?;
    let words = answer(&program, &["--version"], path).await.ok()?;
    version_in(&words).map(str::to_owned)
}

fn has_landlock() -> bool {
    std::fs::read_to_string("/sys/kernel/security/lsm")
        .is_ok_and(|modules| modules.trim().split(',').any(|module| module == "landlock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_among_words() {
        for (words, version) in [
            ("git version 2.39.5 (Apple Git-154)", Some("2.39.5")),
            ("v22.14.0\n", Some("22.14.0")),
            ("Docker version 28.0.1, build 068a01e", Some("28.0.1")),
            ("bubblewrap 0.8.0", Some("0.8.0")),
            ("nothing of the kind", None),
        ] {
            assert_eq!(version_in(words), version, "{words}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_tool_is_here_with_its_version_or_says_what_is_wrong() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = [folder.path().to_owned(), "/usr/bin".into(), "/bin".into()];
        let write = |text: &str| {
            let file = folder.path().join("a-tool");
            std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        assert_eq!(tool("a-tool", &[], &path).await.version, None);
        write("echo a-tool 1.2.3");
        let found = tool("a-tool", &[], &path).await;
        assert_eq!(
            (found.version.as_deref(), found.detail),
            (Some("1.2.3"), None)
        );
        write("exit 7");
        let broken = tool("a-tool", &[], &path).await;
        assert_eq!(broken.version, None);
        assert!(broken.detail.unwrap().contains('7'));
    }

    #[tokio::test]
    async fn there_is_always_a_word_on_the_sandbox() {
        let path = process::usual_path(&[]);
        let words = ["bwrap", "landlock", "seatbelt", "none"];
        assert!(words.contains(&sandbox(&path).await.detail.unwrap().as_str()));
    }
}
