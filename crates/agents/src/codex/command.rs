//! How Codex is started, and what a thread is opened with.

use process::Program;
use serde_json::{Value, json};

use super::own_rules;
use crate::{
    driver::{Launch, SessionPlan},
    launch::program_of,
    version,
};

/// The program with its arguments.
pub(super) fn of(launch: &Launch) -> Program {
    program_of(launch)
        .arguments(["app-server"])
        .arguments(&launch.extra_arguments)
}

/// The request that opens the thread. It wins over the user's own settings, which
/// may name a policy that asks nobody, or a reviewer that is no person.
pub(super) fn open(launch: &Launch) -> (&'static str, Value) {
    let mut config = own_rules::settings(launch);
    // Its questions are switched off where nobody says otherwise.
    config["features.default_mode_request_user_input"] = json!(true);
    // Else it leaves folders behind in the system's own.
    config["sandbox_workspace_write.exclude_slash_tmp"] = json!(true);
    config["sandbox_workspace_write.exclude_tmpdir_env_var"] = json!(true);
    let mut parameters = json!({
        "cwd": launch.folder,
        "approvalPolicy": "on-request",
        "approvalsReviewer": "user",
        "config": config,
    });
    if let Some(model) = &launch.model {
        parameters["model"] = json!(model);
    }
    match &launch.session {
        SessionPlan::New { .. } => ("thread/start", parameters),
        SessionPlan::Resume { session, .. } => {
            parameters["threadId"] = json!(session);
            parameters["excludeTurns"] = json!(true);
            ("thread/resume", parameters)
        }
    }
}

/// The greeting. Background terminals can only be ended by who may use what is experimental.
pub(super) fn initialize() -> (&'static str, Value) {
    let parameters = json!({
        "clientInfo": {
            "name": "coord_runner",
            "title": "Coord Runner",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "capabilities": {"experimentalApi": true},
    });
    ("initialize", parameters)
}

/// The version in `name/0.169.0 (…)`.
pub(super) fn version_in(user_agent: &str) -> Option<String> {
    let (_, rest) = user_agent.split_once('/')?;
    version::believed(rest.split_whitespace().next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_behind_our_own_name() {
        let told = "coord_runner/0.169.0 (Debian 12.0.0; x86_64) dumb (coord_runner; 0.1.0)";
        assert_eq!(version_in(told).unwrap(), "0.169.0");
        assert_eq!(version_in("coord_runner"), None);
        assert_eq!(version_in("a/b"), None);
    }
}
