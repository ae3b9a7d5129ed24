//! Tools that come from the Rust registry; built once, kept in the user's cache.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::find_program;
use crate::{command::Program, project, say};

/// Versions that are installed where there is none; what is there already is taken as it is.
const NEXTEST_VERSION: &str = "0.9.143";
const CARGO_DENY_VERSION: &str = "0.20.2";

/// The test runner; none where it cannot be installed and plain `cargo test` has to do.
pub(crate) fn nextest() -> Result<Option<PathBuf>> {
    match installed("cargo-nextest", NEXTEST_VERSION) {
        Ok(program) => Ok(Some(program)),
        Err(error) if project::is_ci() => Err(error),
        Err(error) => {
            say::warning(&format!(
                "cargo-nextest cannot be had, so `cargo test` runs the tests: {error:#}"
            ));
            Ok(None)
        }
    }
}

/// The check of licences, sources and known weaknesses of what we depend on.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    installed("cargo-deny", CARGO_DENY_VERSION)
}

fn installed(name: &str, version: &str) -> Result<PathBuf> {
    if let Some(program) = find_program(name) {
        return Ok(program);
    }
    let root = project::cache()?.join("tools");
    let program = root
        .join("bin")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        return Ok(program);
    }
    say::step(&format!(
        "Installing {name} {version} into {} (once)",
        root.display()
    ));
    Program::cargo()
        .args(["install", name, "--version", version, "--locked", "--root"])
        .args([&root])
        .args(["--target-dir"])
        .args([root.join("target")])
        .without_env("CARGO_TARGET_DIR")
        .run()?;
    if !program.is_file() {
        bail!(
            "{name} was installed, but {} is not there",
            program.display()
        );
    }
    Ok(program)
}
