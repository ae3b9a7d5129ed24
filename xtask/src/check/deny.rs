//! What we depend on: licences, sources, banned and known weak packages.

use std::{
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use anyhow::Result;

use crate::{command::Program, say, tools};

/// Where the list of known weaknesses comes from.
const ADVISORIES: &str = "github.com:443";
/// Longest wait for it to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs cargo-deny by `deny.toml`.
pub(super) fn run() -> Result<()> {
    let deny = tools::cargo_deny()?;
    let mut checks = vec!["bans", "licenses", "sources"];
    if advisories_answer() {
        checks.insert(0, "advisories");
    } else {
        say::warning(&format!(
            "known weaknesses were NOT looked up: their list at {ADVISORIES} cannot be reached from here"
        ));
    }
    Program::new(deny)
        .args(["--locked", "--workspace", "check", "--hide-inclusion-graph"])
        .args(checks)
        .run()
}

fn advisories_answer() -> bool {
    let addresses = ADVISORIES.to_socket_addrs();
    addresses
        .into_iter()
        .flatten()
        .any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}
