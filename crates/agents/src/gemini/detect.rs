//! What is known of Gemini CLI beyond what it says itself: which kind of account it
//! works with, and which files that depends on.

use std::path::PathBuf;

use protocol::agent::{AgentStatus, Detection, SignIn};
use serde_json::Value;

use crate::driver::{Lookout, Traces};

pub(super) const INSTALL: &str =
    "Install Gemini CLI (https://github.com/google-gemini/gemini-cli), or set its path.";
const SIGN_IN: &str = "Run `gemini` once in a terminal and sign in, or set GEMINI_API_KEY.";

/// Files in its own folder that hold the sign-in and the settings.
const FILES: &[&str] = &[
    "settings.json",
    "oauth_creds.json",
    "google_accounts.json",
    ".env",
];

/// What to watch.
pub(super) fn traces(lookout: &Lookout) -> Traces {
    let folder = folder(lookout);
    Traces {
        programs: vec![PathBuf::from("gemini")],
        files: FILES
            .iter()
            .filter_map(|name| Some(folder.as_ref()?.join(name)))
            .collect(),
    }
}

/// Adds the account, and says in our own words how to sign in.
pub(super) fn explain(lookout: &Lookout, status: &mut AgentStatus) {
    if status.detection != Detection::Detected {
        return;
    }
    match status.sign_in {
        SignIn::SignedOut => status.hint = Some(SIGN_IN.to_owned()),
        SignIn::SignedIn => status.account = account(lookout),
        SignIn::NotNeeded | SignIn::Unknown => {}
    }
}

fn folder(lookout: &Lookout) -> Option<PathBuf> {
    Some(lookout.home()?.join(".gemini"))
}

fn account(lookout: &Lookout) -> Option<String> {
    let settings = folder(lookout)
        .and_then(|folder| std::fs::read(folder.join("settings.json")).ok())
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
        .unwrap_or_default();
    let chosen = settings["security"]["auth"]["selectedType"]
        .as_str()
        .or_else(|| settings["selectedAuthType"].as_str());
    let kind = match chosen {
        Some("oauth-personal") => "Google account",
        Some("gemini-api-key") => "API key",
        Some("vertex-ai") => "Vertex AI",
        Some("cloud-shell" | "compute-default-credentials") => "Google Cloud",
        Some("gateway") => "gateway",
        _ if lookout.variable("GEMINI_API_KEY").is_some() => "API key",
        _ => return None,
    };
    Some(kind.to_owned())
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    #[test]
    fn the_kind_of_account_is_what_was_chosen_and_else_what_is_there() {
        let home = tempfile::tempdir().unwrap();
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let mut lookout = Lookout {
            program: None,
            search_path: Vec::new(),
            environment: vec![(name.to_owned(), home.path().display().to_string())],
            patience: Duration::from_secs(1),
        };
        assert_eq!(account(&lookout), None);
        let key = ("GEMINI_API_KEY".to_owned(), "x".to_owned());
        lookout.environment.push(key);
        assert_eq!(account(&lookout).as_deref(), Some("API key"));
        let folder = home.path().join(".gemini");
        fs::create_dir(&folder).unwrap();
        let chosen = r#"{"security": {"auth": {"selectedType": "oauth-personal"}}}"#;
        fs::write(folder.join("settings.json"), chosen).unwrap();
        assert_eq!(account(&lookout).as_deref(), Some("Google account"));
        fs::write(folder.join("settings.json"), "not json").unwrap();
        assert_eq!(account(&lookout).as_deref(), Some("API key"));
        assert_eq!(traces(&lookout).files[0], folder.join("settings.json"));
    }
}
