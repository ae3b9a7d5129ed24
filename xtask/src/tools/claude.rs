//! The real Claude Code, for the tests that drive it.

use std::path::PathBuf;

use anyhow::Result;

use super::npm::NpmProgram;
use crate::command::Program;

// Its package asks for a newer Node than this project does, and needs none: its program is native.
const CLAUDE: NpmProgram = NpmProgram {
    name: "claude",
    package: "@anthropic-ai/claude-code",
    version: "2.1.330",
    program: "@anthropic-ai/claude-code/bin/claude.exe",
};

/// The path of its program.
pub(crate) fn claude() -> Result<PathBuf> {
    CLAUDE.ensure(|program| {
        let version = Program::new(program).args(["--version"]).quiet().output();
        version.is_ok_and(|version| version.starts_with(CLAUDE.version))
    })
}
