//! The real agents, for the tests that drive them.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::npm::NpmProgram;
use crate::command::Program;

/// An agent that comes from npm, in the version whose behaviour is known.
pub(crate) struct RealAgent {
    /// Its product name.
    pub(crate) title: &'static str,
    /// The variable by which tests are told where it is.
    pub(crate) variable: &'static str,
    npm: NpmProgram,
}

// Some ask for a newer Node than this project does: what is native needs none,
// and what is not finds one beside it.
const NODE: &[&str] = &["node@24.9.0"];

/// All of them.
const AGENTS: &[RealAgent] = &[
    RealAgent {
        title: "Claude Code",
        variable: "COORD_TEST_CLAUDE",
        npm: NpmProgram {
            name: "claude",
            package: "@anthropic-ai/claude-code",
            version: "2.1.330",
            program: "@anthropic-ai/claude-code/bin/claude.exe",
            beside: &[],
        },
    },
    RealAgent {
        title: "Codex",
        variable: "COORD_TEST_CODEX",
        npm: NpmProgram {
            name: "codex",
            package: "@openai/codex",
            version: "0.169.0",
            program: ".bin/codex",
            beside: &[],
        },
    },
    RealAgent {
        title: "Gemini CLI",
        variable: "COORD_TEST_GEMINI",
        npm: NpmProgram {
            name: "gemini",
            package: "@google/gemini-cli",
            version: "0.61.0",
            program: ".bin/gemini",
            beside: &[],
        },
    },
    RealAgent {
        title: "Claude's ACP adapter",
        variable: "COORD_TEST_ACP_ADAPTER",
        npm: NpmProgram {
            name: "claude-agent-acp",
            package: "@agentclientprotocol/claude-agent-acp",
            version: "0.101.0",
            program: ".bin/claude-agent-acp",
            beside: NODE,
        },
    },
];

/// Every agent with the path of its program, installed where it was missing.
pub(crate) fn agents() -> Result<Vec<(&'static RealAgent, PathBuf)>> {
    AGENTS
        .iter()
        .map(|agent| Ok((agent, agent.program()?)))
        .collect()
}

impl RealAgent {
    fn program(&self) -> Result<PathBuf> {
        self.npm.ensure(|program| {
            let version = Program::new(program)
                .args(["--version"])
                .env("PATH", path_with(program))
                .quiet()
                .output();
            version.is_ok_and(|version| version.contains(self.npm.version))
        })
    }
}

/// The search path, with what was installed beside `program` before all else.
fn path_with(program: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let first = program.parent().map(Path::to_owned);
    env::join_paths(first.into_iter().chain(env::split_paths(&path))).unwrap_or(path)
}
