//! Recordings of real agents, played to the protocols: contract tests that need no
//! agent.

mod notes;
pub(crate) mod play;
mod usage;

use protocol::runner::PermissionLevel;

use crate::{
    acp, claude, codex,
    driver::{Launch, SessionPlan},
    wire::Wire,
};
use play::{Play, recording};

fn launch(session: SessionPlan) -> Launch {
    Launch {
        program: "/bin/agent".into(),
        folder: "/job".into(),
        environment: Vec::new(),
        model: None,
        extra_arguments: Vec::new(),
        level: PermissionLevel::Ask,
        session,
        prompt: "Do it.".to_owned(),
    }
}

fn anew() -> Launch {
    launch(SessionPlan::New {
        id: uuid::Uuid::nil(),
    })
}

fn again() -> Launch {
    launch(SessionPlan::Resume {
        session: "id-1".to_owned(),
        begun_at: None,
    })
}

/// As the recording was made: in a new session, or in one that was begun before.
pub(crate) fn launch_for(name: &str) -> Launch {
    if name.contains("resume") || name.contains("load") {
        again()
    } else {
        anew()
    }
}

fn played(name: &str, wire: impl Wire) -> String {
    let mut play = Play::new(Box::new(wire));
    for entry in recording(name) {
        play.play(&entry);
    }
    play.told
}

/// Recordings of Claude Code.
pub(crate) const CLAUDE: &[&str] = &[
    "claude-approve",
    "claude-deny",
    "claude-question",
    "claude-cancel-tool",
    "claude-cancel-pending-approval",
    "claude-err-401",
    "claude-err-429",
    "claude-err-529-then-ok",
    "claude-err-drop",
    "claude-err-noauth",
    "claude-kill9-a",
    "claude-kill9-b-resume",
    "claude-mode-default",
    "claude-plan-mode",
    "claude-resume-missing",
    "claude-stdin-closed-streaming",
];

/// Recordings of Codex.
pub(crate) const CODEX: &[&str] = &[
    "codex-approve",
    "codex-deny",
    "codex-patch-approve",
    "codex-question",
    "codex-cancel-tool",
    "codex-err-401",
    "codex-err-429",
    "codex-err-usage-limit",
    "codex-err-503",
    "codex-err-refused",
    "codex-websocket-fallback",
    "codex-resume-missing",
    "codex-kill9-b-resume",
];

/// Recordings of Gemini CLI and of an adapter for Claude Code.
pub(crate) const ACP: &[&str] = &[
    "acp-approve-then-deny",
    "acp-question",
    "acp-cancel",
    "acp-cancel-tool",
    "acp-late-tool-call",
    "acp-silent-denial",
    "acp-error-401",
    "acp-not-signed-in",
    "acp-load",
    "gemini-err-429",
    "gemini-kill9-a",
    "gemini-load-missing",
    "gemini-question",
];

#[test]
fn claude_code() {
    for &name in CLAUDE {
        let wire = claude::wire_for(&launch_for(name));
        insta::assert_snapshot!(name, played(name, wire));
    }
}

#[test]
fn codex_app_server() {
    for &name in CODEX {
        let wire = codex::wire_for(&launch_for(name));
        insta::assert_snapshot!(name, played(name, wire));
    }
}

#[test]
fn agent_client_protocol() {
    for &name in ACP {
        let wire = acp::wire_for("Agent", &launch_for(name));
        insta::assert_snapshot!(name, played(name, wire));
    }
}

#[test]
fn every_recording_is_played() {
    let known = [CLAUDE, CODEX, ACP].concat();
    for file in std::fs::read_dir(play::folder()).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap();
        assert!(known.contains(&name), "{name} is played by no test");
    }
}
