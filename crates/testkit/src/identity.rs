//! A real OpenID Connect provider on loopback: npm's `oidc-provider`, run by Node.
//!
//! `COORD_TEST_OIDC_PROVIDER` names its package; the whole test run sets it.

use std::{
    io::{self, BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// What runs the package.
const SCRIPT: &str = include_str!("identity/provider.mjs");
/// The secret that its one client, `coord`, shares with it.
pub const CLIENT_SECRET: &str = "a secret between the two";

/// A provider that ends when it is dropped. It is told over `/_setup` whom it knows.
#[derive(Debug)]
pub struct IdentityProvider {
    // Its input stays open for as long as it shall run.
    process: Child,
    issuer: String,
    _folder: TempDir,
}

impl IdentityProvider {
    /// Starts the package whose main file is `package`.
    pub fn start(package: &Path) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let script = folder.path().join("provider.mjs");
        std::fs::write(&script, SCRIPT)?;
        let mut process = node()
            .arg(&script)
            .arg(package)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("the provider has no output"))?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port)?;
        let port: u16 = port
            .trim()
            .parse()
            .map_err(|_| io::Error::other("the provider did not start; see its errors above"))?;
        Ok(Self {
            process,
            issuer: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        })
    }

    /// Its address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server for tests is no program of the product, and ends with its test"
)]
fn node() -> Command {
    Command::new("node")
}
