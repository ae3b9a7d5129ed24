//! Tauri's bundler, which makes the installers.

use std::path::PathBuf;

use anyhow::Result;

use super::npm::NpmProgram;
use crate::command::Program;

const BUNDLER: NpmProgram = NpmProgram {
    name: "tauri-cli",
    package: "@tauri-apps/cli",
    version: "2.12.5",
    program: "@tauri-apps/cli/tauri.js",
    beside: &[],
};

/// The path of its script, which is run by Node.
pub(crate) fn bundler() -> Result<PathBuf> {
    BUNDLER.ensure(|script| {
        let program = Program::new("node").quiet();
        let version = program
            .args([script.as_os_str(), "--version".as_ref()])
            .output();
        version.is_ok_and(|version| version.contains(BUNDLER.version))
    })
}
