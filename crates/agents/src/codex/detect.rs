//! Whether Codex is here, in which version, and signed in.

use std::path::{Path, PathBuf};

use process::Program;
use protocol::agent::{AgentAbilities, AgentName, AgentStatus, Detection, SignIn};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::{
    TITLE, command, errors,
    messages::{Account, AccountAnswer, ModelList, read},
};
use crate::{
    driver::{Lookout, Traces},
    failure,
    lines::{Lines, STDERR_LINE_BYTES_MAX, WIRE_LINE_BYTES_MAX},
    version,
};

const INSTALL: &str = "Install Codex (https://github.com/openai/codex), or set its path.";
const SIGN_IN: &str = "Run `codex login` in a terminal, or set an API key for its provider.";

/// Which of the questions is answered.
const ACCOUNT: i64 = 2;
const MODELS: i64 = 3;
/// How many lines of error output are kept for the hint.
const STDERR_LINES_KEPT: usize = 20;
/// How many models are told.
const MODELS_MAX: usize = 50;

pub(super) async fn detect(lookout: &Lookout) -> AgentStatus {
    let mut status = AgentStatus {
        hint: Some(INSTALL.to_owned()),
        ..AgentStatus::not_found(AgentName::CODEX, TITLE)
    };
    let Some(program) = lookout.find(AgentName::CODEX) else {
        if let Some(program) = &lookout.program {
            let program = program.display();
            status.hint = Some(format!("There is no program at {program}. {INSTALL}"));
        }
        return status;
    };
    status.path = Some(program.display().to_string());
    let version = match version(&program, lookout).await {
        Ok(version) => version,
        Err(why) => {
            status.detection = Detection::Unsupported;
            status.hint = Some(why);
            return status;
        }
    };
    status.version = Some(version);
    match tokio::time::timeout(lookout.patience, ask(&program, lookout)).await {
        Ok(Ok(answers)) => {
            status.detection = Detection::Detected;
            status.sign_in = sign_in(&answers.account);
            status.account = answers.account.account.as_ref().map(account_kind);
            status.hint = (status.sign_in == SignIn::SignedOut).then(|| SIGN_IN.to_owned());
            status.abilities = AgentAbilities {
                resume: true,
                questions: true,
                modes: Vec::new(),
                models: answers.models,
            };
        }
        Ok(Err(why)) => {
            status.detection = Detection::Unsupported;
            status.hint = Some(why);
        }
        Err(_) => {
            status.detection = Detection::Unsupported;
            status.hint = Some(format!(
                "{} did not answer as an app server within {} s; reinstall it",
                program.display(),
                lookout.patience.as_secs_f32()
            ));
        }
    }
    status
}

/// What to watch.
pub(super) fn traces(lookout: &Lookout) -> Traces {
    let folder = lookout
        .variable("CODEX_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(lookout.home()?.join(".codex")));
    Traces {
        programs: vec![PathBuf::from(AgentName::CODEX)],
        files: ["auth.json", "config.toml"]
            .iter()
            .filter_map(|name| Some(folder.as_ref()?.join(name)))
            .collect(),
    }
}

async fn version(program: &Path, lookout: &Lookout) -> Result<String, String> {
    let question = version::Question {
        program,
        arguments: &["--version"],
        environment: lookout.environment.clone(),
        patience: lookout.patience,
    };
    question.asked(version_in).await
}

/// The version in `codex-cli 0.169.0`; another program of that name says something else.
fn version_in(output: &str) -> Option<String> {
    let mut lines = output.lines();
    version::believed(lines.find_map(|line| line.trim().strip_prefix("codex-cli "))?)
}

/// What it said of itself.
struct Answers {
    account: AccountAnswer,
    models: Vec<String>,
}

/// Asks it for its account and its models; the hint where it does not even start.
async fn ask(program: &Path, lookout: &Lookout) -> Result<Answers, String> {
    let mut child = Program::new(program)
        .arguments(["app-server"])
        .environment(lookout.environment.clone())
        .start()
        .map_err(|error| failure::chain(&error))?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.take_stdin(), child.take_stdout(), child.take_stderr())
    else {
        return Err(format!("{TITLE} was started without its pipes"));
    };
    let (method, greeting) = command::initialize();
    let calls = [
        json!({"id": 1, "method": method, "params": greeting}),
        json!({"method": "initialized"}),
        json!({"id": ACCOUNT, "method": "account/read", "params": {}}),
        json!({"id": MODELS, "method": "model/list", "params": {}}),
    ];
    for call in &calls {
        // A program that has ended already shows so in what it printed.
        drop(stdin.write_all(format!("{call}\n").as_bytes()).await);
    }
    drop(stdin.flush().await);
    let mut stdout = Lines::new(stdout, WIRE_LINE_BYTES_MAX);
    let mut answers = (None, None);
    while answers.0.is_none() || answers.1.is_none() {
        let Ok(Some(line)) = stdout.next().await else {
            return Err(why_it_ended(Lines::new(stderr, STDERR_LINE_BYTES_MAX)).await);
        };
        let message: Value = serde_json::from_str(&line.text).unwrap_or_default();
        match message["id"].as_i64() {
            Some(ACCOUNT) => answers.0 = Some(account_in(&message["result"])),
            Some(MODELS) => answers.1 = Some(read::<ModelList>(&message["result"])),
            _ => {}
        }
    }
    Ok(Answers {
        account: answers.0.unwrap_or_default(),
        models: offered(answers.1.unwrap_or_default()),
    })
}

/// Who is signed in; nothing is known when the account is anything but an object or nobody.
fn account_in(result: &Value) -> AccountAnswer {
    // A list would be read as an account, too: its parts in their order.
    if result["account"].is_array() || !result.is_object() {
        return AccountAnswer::default();
    }
    read(result)
}

/// The models that can be chosen.
fn offered(list: ModelList) -> Vec<String> {
    let models = list.data.into_iter();
    models
        .filter(|model| !model.hidden && !model.id.is_empty())
        .map(|model| model.id)
        .take(MODELS_MAX)
        .collect()
}

/// All that is made of what it says, whatever it was asked.
#[cfg(test)]
pub(super) fn of_words(said: &str) -> (Option<String>, SignIn, Vec<String>) {
    let message: Value = serde_json::from_str(said).unwrap_or_default();
    let account = account_in(&message["result"]);
    (
        version_in(said),
        sign_in(&account),
        offered(read(&message["result"])),
    )
}

async fn why_it_ended<R: tokio::io::AsyncRead + Unpin>(mut stderr: Lines<R>) -> String {
    let mut lines = Vec::new();
    while let Ok(Some(line)) = stderr.next().await {
        if lines.len() < STDERR_LINES_KEPT {
            lines.push(line.text);
        }
    }
    let words = lines.join("\n");
    let last = lines.iter().rev().find(|line| !line.trim().is_empty());
    let hint = errors::hint_in(&words).unwrap_or("Update it, or reinstall it.");
    match last {
        Some(last) => format!("It does not start: {} {hint}", last.trim()),
        None => format!("It does not start as an app server. {hint}"),
    }
}

fn sign_in(answer: &AccountAnswer) -> SignIn {
    match (&answer.account, answer.requires_openai_auth) {
        (Some(_), _) => SignIn::SignedIn,
        (None, Some(true)) => SignIn::SignedOut,
        // Its provider was set up by hand, and takes its key from elsewhere.
        (None, Some(false)) => SignIn::NotNeeded,
        (None, None) => SignIn::Unknown,
    }
}

/// The kind of account; who it is stays on the machine.
fn account_kind(account: &Account) -> String {
    match (account.kind.as_str(), account.plan_type.as_deref()) {
        ("apiKey", _) => "API key".to_owned(),
        ("chatgpt", Some(plan)) => format!("subscription ({plan})"),
        ("chatgpt", None) => "subscription".to_owned(),
        ("amazonBedrock", _) => "Amazon Bedrock".to_owned(),
        ("gcp", _) => "Google Cloud".to_owned(),
        _ => "another kind".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_only_believed_with_the_products_name() {
        assert_eq!(version_in("codex-cli 0.169.0\n").unwrap(), "0.169.0");
        assert_eq!(
            version_in("WARNING: x\ncodex-cli 1.2.3-alpha.1").unwrap(),
            "1.2.3-alpha.1"
        );
        assert_eq!(version_in("codex 3, a book reader"), None);
        assert_eq!(version_in(""), None);
    }

    #[test]
    fn an_account_is_told_by_its_kind_alone() {
        let answer = |answer: Value| read::<AccountAnswer>(&answer);
        let signed_in = answer(json!({"account": {
            "type": "chatgpt", "email": "ada@example.com", "planType": "plus",
        }, "requiresOpenaiAuth": true}));
        assert_eq!(sign_in(&signed_in), SignIn::SignedIn);
        assert_eq!(
            account_kind(&signed_in.account.unwrap()),
            "subscription (plus)"
        );
        let out = answer(json!({"account": null, "requiresOpenaiAuth": true}));
        assert_eq!(sign_in(&out), SignIn::SignedOut);
        let none = answer(json!({"account": null, "requiresOpenaiAuth": false}));
        assert_eq!(sign_in(&none), SignIn::NotNeeded);
        assert_eq!(sign_in(&AccountAnswer::default()), SignIn::Unknown);
        for odd in [json!([]), json!(["chatgpt", "plus"])] {
            let odd = account_in(&json!({"account": odd, "requiresOpenaiAuth": true}));
            assert_eq!(sign_in(&odd), SignIn::Unknown);
        }
    }

    #[cfg(unix)]
    mod on_unix {
        use std::{os::unix::fs::PermissionsExt as _, time::Duration};

        use super::*;

        fn program(folder: &Path, script: &str) -> Lookout {
            let path = folder.join("codex");
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            Lookout {
                program: None,
                search_path: vec![folder.to_owned()],
                environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
                patience: Duration::from_secs(20),
            }
        }

        const VERSION: &str = "[ \"$1\" = --version ] && { echo codex-cli 9.9.9; exit; }";

        #[tokio::test]
        async fn account_and_models_are_asked_for() {
            let folder = tempfile::tempdir().unwrap();
            let script = format!(
                "{VERSION}\nread a; read b; read c; read d\n\
                 echo '{{\"id\":2,\"result\":{{\"account\":{{\"type\":\"apiKey\"}}}}}}'\n\
                 echo '{{\"method\":\"new\"}}'\n\
                 echo '{{\"id\":3,\"result\":{{\"data\":[{{\"id\":\"m\"}},{{\"id\":\"h\",\"hidden\":true}}]}}}}'\n\
                 sleep 1000"
            );
            let status = detect(&program(folder.path(), &script)).await;
            assert_eq!(status.detection, Detection::Detected, "{status:?}");
            assert_eq!(status.version.as_deref(), Some("9.9.9"));
            assert_eq!(status.account.as_deref(), Some("API key"));
            assert_eq!(status.abilities.models, ["m"]);
            assert_eq!(status.hint, None);
        }

        #[tokio::test]
        async fn settings_with_which_it_does_not_start_are_named() {
            let folder = tempfile::tempdir().unwrap();
            let script = format!(
                "{VERSION}\necho 'Error: approval_policy = \"untrusted\" is no longer supported' >&2; exit 1"
            );
            let status = detect(&program(folder.path(), &script)).await;
            assert_eq!(status.detection, Detection::Unsupported);
            let hint = status.hint.unwrap();
            assert!(hint.contains("Remove `approval_policy`"), "{hint}");
        }

        #[tokio::test]
        async fn one_that_hangs_is_not_usable_and_says_why() {
            let folder = tempfile::tempdir().unwrap();
            let mut lookout = program(folder.path(), &format!("{VERSION}\nsleep 1000"));
            lookout.patience = Duration::from_millis(500);
            let status = detect(&lookout).await;
            assert_eq!(status.detection, Detection::Unsupported);
            assert!(status.hint.unwrap().contains("did not answer"));
        }
    }
}
