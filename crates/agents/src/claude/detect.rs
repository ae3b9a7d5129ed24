//! Whether Claude Code is here, in which version, and signed in.

use std::path::{Path, PathBuf};

use protocol::agent::{AgentName, AgentStatus, Detection, SignIn};
use serde_json::Value;

use super::TITLE;
use crate::{
    driver::{Lookout, Traces},
    version,
};

const INSTALL: &str = "Install Claude Code (https://claude.com/claude-code), or set its path.";
const SIGN_IN: &str = "Run `claude` once in a terminal and sign in, or set ANTHROPIC_API_KEY.";

pub(super) async fn detect(lookout: &Lookout) -> AgentStatus {
    let mut status = AgentStatus {
        hint: Some(INSTALL.to_owned()),
        ..AgentStatus::not_found(AgentName::CLAUDE, TITLE)
    };
    let Some(program) = find(lookout) else {
        if let Some(program) = &lookout.program {
            status.hint = Some(format!(
                "There is no program at {}. {INSTALL}",
                program.display()
            ));
        }
        return status;
    };
    status.path = Some(program.display().to_string());
    let (version, sign_in) = tokio::join!(version(&program, lookout), sign_in(&program, lookout));
    match version {
        Ok(version) => {
            status.detection = Detection::Detected;
            status.version = Some(version);
            status.abilities.resume = true;
            status.abilities.questions = true;
            (status.sign_in, status.account) = sign_in;
            status.hint = (status.sign_in == SignIn::SignedOut).then(|| SIGN_IN.to_owned());
        }
        Err(why) => {
            status.detection = Detection::Unsupported;
            status.hint = Some(why);
        }
    }
    status
}

fn find(lookout: &Lookout) -> Option<PathBuf> {
    lookout.find("claude").or_else(|| {
        // Where its own installer once put it, which is on no search path.
        let name = format!("claude{}", std::env::consts::EXE_SUFFIX);
        let own = lookout.home()?.join(".claude/local").join(name);
        (lookout.program.is_none() && own.is_file()).then_some(own)
    })
}

/// What to watch.
pub(super) fn traces(lookout: &Lookout) -> Traces {
    let folder = lookout
        .variable("CLAUDE_CONFIG_DIR")
        .map(PathBuf::from)
        .or_else(|| Some(lookout.home()?.join(".claude")));
    Traces {
        programs: vec![PathBuf::from("claude")],
        files: [".credentials.json", "settings.json"]
            .iter()
            .filter_map(|name| Some(folder.as_ref()?.join(name)))
            .collect(),
    }
}

async fn version(program: &Path, lookout: &Lookout) -> Result<String, String> {
    let question = version::Question {
        program,
        arguments: &["--version"],
        environment: environment(lookout),
        patience: lookout.patience,
    };
    question.asked(version_in).await
}

/// The version in `2.1.330 (Claude Code)`; another program of that name says something else.
fn version_in(output: &str) -> Option<String> {
    let line = output.lines().find(|line| line.contains(TITLE))?;
    version::believed(line.split_whitespace().next()?)
}

/// Whether somebody is signed in, and with which kind of account.
async fn sign_in(program: &Path, lookout: &Lookout) -> (SignIn, Option<String>) {
    let answer = process::run_briefly(
        program,
        &["auth", "status"],
        environment(lookout),
        lookout.patience,
    )
    .await;
    answer.map_or((SignIn::Unknown, None), |answer| sign_in_of(&answer.stdout))
}

/// Whether it is signed in, and with which kind of account.
fn sign_in_of(output: &str) -> (SignIn, Option<String>) {
    let status: Value = serde_json::from_str(output.trim()).unwrap_or_default();
    match status["loggedIn"].as_bool() {
        Some(true) => (SignIn::SignedIn, account(&status)),
        Some(false) => (SignIn::SignedOut, None),
        None => (SignIn::Unknown, None),
    }
}

/// The kind of account in what `auth status` says; never the address in it.
fn account(status: &Value) -> Option<String> {
    let subscription = status["subscriptionType"].as_str();
    let kind = match (status["authMethod"].as_str()?, subscription) {
        ("api_key" | "apiKeyHelper", _) => "API key".to_owned(),
        ("oauth_token", _) => "token".to_owned(),
        ("claude.ai", Some(plan)) => format!("subscription ({plan})"),
        ("claude.ai", None) => "subscription".to_owned(),
        ("third_party", _) => "cloud provider".to_owned(),
        ("none", _) => return None,
        _ => "other".to_owned(),
    };
    Some(kind)
}

/// What is made of a program's words: its version, and whether it is signed in.
#[cfg(test)]
pub(super) fn read(output: &str) -> (Option<String>, SignIn) {
    (version_in(output), sign_in_of(output).0)
}

fn environment(lookout: &Lookout) -> Vec<(String, String)> {
    let mut environment = lookout.environment.clone();
    environment.push(("DISABLE_AUTOUPDATER".to_owned(), "1".to_owned()));
    environment
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_version_is_only_believed_with_the_products_name() {
        assert_eq!(version_in("2.1.330 (Claude Code)\n").unwrap(), "2.1.330");
        assert_eq!(
            version_in("warning: x\n2.1.330 (Claude Code)").unwrap(),
            "2.1.330"
        );
        assert_eq!(version_in("claude 1.0, a font viewer"), None);
        assert_eq!(version_in(""), None);
    }

    #[cfg(unix)]
    mod on_unix {
        use std::os::unix::fs::PermissionsExt as _;

        use super::*;

        fn program(folder: &Path, script: &str) -> Lookout {
            let path = folder.join("claude");
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            Lookout {
                program: None,
                search_path: vec![folder.to_owned()],
                environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
                patience: Duration::from_secs(20),
            }
        }

        #[tokio::test]
        async fn version_and_sign_in_are_asked_for() {
            let folder = tempfile::tempdir().unwrap();
            for (logged_in, sign_in) in [(true, SignIn::SignedIn), (false, SignIn::SignedOut)] {
                let lookout = program(
                    folder.path(),
                    &format!(
                        "case \"$1\" in --version) echo '2.1.330 (Claude Code)';; auth) echo \
                         '{{\"loggedIn\":{logged_in},\"authMethod\":\"api_key\"}}'; exit 1;; esac"
                    ),
                );
                let status = detect(&lookout).await;
                assert_eq!(status.detection, Detection::Detected);
                assert_eq!(status.version.as_deref(), Some("2.1.330"));
                assert_eq!(status.sign_in, sign_in);
                assert_eq!(status.account.is_some(), logged_in);
                assert_eq!(status.hint.is_some(), sign_in == SignIn::SignedOut);
            }
        }

        #[tokio::test]
        async fn one_that_hangs_or_breaks_is_not_usable_and_says_why() {
            let folder = tempfile::tempdir().unwrap();
            let mut lookout = program(folder.path(), "sleep 1000");
            lookout.patience = Duration::from_millis(200);
            let status = detect(&lookout).await;
            assert_eq!(status.detection, Detection::Unsupported);
            assert!(status.hint.unwrap().contains("did not answer within"));
            let status = detect(&program(folder.path(), "exit 3")).await;
            assert_eq!(status.detection, Detection::Unsupported);
            assert!(status.hint.unwrap().contains("exit status: 3"));
        }

        #[tokio::test]
        async fn a_path_set_by_hand_is_the_only_one_tried() {
            let folder = tempfile::tempdir().unwrap();
            let mut lookout = program(folder.path(), "echo '2.1.330 (Claude Code)'");
            lookout.program = Some(folder.path().join("elsewhere"));
            let status = detect(&lookout).await;
            assert_eq!(status.detection, Detection::NotFound);
            assert!(status.hint.unwrap().contains("elsewhere"));
        }

        #[tokio::test]
        async fn the_usual_places_are_looked_at_as_well() {
            let home = tempfile::tempdir().unwrap();
            let bin = home.path().join(".nvm/versions/node/v22.10.0/bin");
            let older = home.path().join(".nvm/versions/node/v22.9.0/bin");
            for folder in [&bin, &older] {
                std::fs::create_dir_all(folder).unwrap();
                program(folder, "echo '2.1.330 (Claude Code)'");
            }
            let lookout = Lookout {
                program: None,
                search_path: Vec::new(),
                environment: vec![("HOME".to_owned(), home.path().display().to_string())],
                patience: Duration::from_secs(20),
            };
            assert_eq!(find(&lookout).unwrap(), bin.join("claude"));
        }
    }
}
