//! This program in the role of an agent: says when it was started, then becomes the real one.
//!
//! What is measured ends in the first line of an agent's `main`: later than the
//! system's own answer to "started", and the same for the product and for bare.

use std::{
    os::unix::{net::UnixDatagram, process::CommandExt as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use rustix::time::{ClockId, clock_gettime};

/// The name under which this program is an agent.
pub(crate) const NAME: &str = "agent";
/// The socket that is told, beside the agent's program.
pub(crate) const STARTED: &str = "started.sock";
/// The real agent's program, beside the agent's program.
pub(crate) const REAL: &str = "coord";
/// The argument with which the product starts its demo agent.
const DEMO: &str = "demo-agent";
/// The argument with which it only says that it was started.
pub(crate) const ONLY_SAY: &str = "only-say";

/// The agent's program, when it is that as which this program was started.
pub(crate) fn is_meant(arguments: &[String]) -> Option<&Path> {
    let program = Path::new(arguments.first()?);
    (program.file_name()? == NAME).then_some(program)
}

/// Plays the agent; comes back only when it cannot go on.
pub(crate) fn play(program: &Path, arguments: &[String]) -> Result<()> {
    let started = now_ns();
    let folder = program.parent().context("an agent stands somewhere")?;
    let argument = arguments.get(1).map(String::as_str);
    if let Some(DEMO | ONLY_SAY) = argument {
        let socket = UnixDatagram::unbound()?;
        socket.send_to(&started.to_le_bytes(), folder.join(STARTED))?;
    }
    if argument == Some(ONLY_SAY) {
        return Ok(());
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "it replaces itself; nothing is started beside it"
    )]
    let mut real = std::process::Command::new(folder.join(REAL));
    let error = real.args(arguments.get(1..).unwrap_or_default()).exec();
    bail!("the real agent cannot be started: {error}")
}

/// Nanoseconds on a clock that all processes of this machine share.
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let rest = u64::try_from(now.tv_nsec).unwrap_or_default();
    seconds * 1_000_000_000 + rest
}
