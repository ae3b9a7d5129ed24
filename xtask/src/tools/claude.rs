//! The real Claude Code, for the tests that drive it; installed once, into the user's cache.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::{command::Program, project, say};

/// The version whose behaviour the tests know.
const VERSION: &str = "2.1.330";

/// The path of its program.
pub(crate) fn claude() -> Result<PathBuf> {
    let folder = project::cache()?.join("claude").join(VERSION);
    let program = folder.join("node_modules/@anthropic-ai/claude-code/bin/claude.exe");
    if program.is_file() && answers(&program) {
        return Ok(program);
    }
    say::step(&format!(
        "Installing Claude Code {VERSION} into {} (once)",
        folder.display()
    ));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    // Its package asks for a newer Node than this project does, and needs none: its program is native.
    Program::npm()
        .args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--engine-strict=false",
        ])
        .args([format!("@anthropic-ai/claude-code@{VERSION}")])
        .dir(&folder)
        .run()?;
    if !answers(&program) {
        bail!(
            "{} does not answer with version {VERSION}",
            program.display()
        );
    }
    Ok(program)
}

fn answers(program: &PathBuf) -> bool {
    let version = Program::new(program).args(["--version"]).quiet().output();
    version.is_ok_and(|version| version.starts_with(VERSION))
}
