//! Starting a long-lived process of our own that outlives this one.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    process::Stdio,
};

use crate::{Identity, Program, StartError, system};

/// Where a detached process prints to.
#[derive(Debug, Clone, Default)]
pub struct Detached {
    /// Both outputs are added to this file; nowhere without one.
    pub output: Option<PathBuf>,
}

/// Starts `program` in a session of its own, without a tie to this process, its
/// terminal or its pipes.
pub fn start_detached(program: &Program, detached: &Detached) -> Result<Identity, StartError> {
    let refused = |source| StartError::System {
        program: program.path().to_owned(),
        source,
    };
    let mut command = program.command()?;
    let (stdout, stderr) = match &detached.output {
        Some(path) => {
            let file = open(path).map_err(refused)?;
            let copy = file.try_clone().map_err(refused)?;
            (Stdio::from(file), Stdio::from(copy))
        }
        None => (Stdio::null(), Stdio::null()),
    };
    command
        .command_mut()
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .kill_on_drop(false);
    system::set_apart_for_good(&mut command);
    // Held until it is known, as with any other child.
    let mut own = crate::kin::own_children();
    let started = program.spawn(&mut command)?;
    let pid = started
        .id()
        .ok_or_else(|| refused(std::io::Error::other("it ended at once")))?;
    own.insert(pid);
    Identity::of(pid).ok_or_else(|| refused(std::io::Error::other("it ended at once")))
}

fn open(path: &PathBuf) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
