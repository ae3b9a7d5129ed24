//! A certified OpenID Connect provider, for the tests that sign in with it.

use std::path::PathBuf;

use anyhow::Result;

use super::npm::NpmProgram;
use crate::command::Program;

// Its package asks for a newer Node than this project does, and runs on that of this project.
const PROVIDER: NpmProgram = NpmProgram {
    name: "oidc-provider",
    package: "oidc-provider",
    version: "9.13.3",
    program: "oidc-provider/lib/index.js",
    beside: &[],
};

/// The path of its package's main file.
pub(crate) fn oidc_provider() -> Result<PathBuf> {
    PROVIDER.ensure(|file| {
        Program::new("node")
            .args(["--input-type=module", "--eval"])
            .args(["await import(process.argv[1])"])
            .args([file])
            .quiet()
            .succeeds()
    })
}
