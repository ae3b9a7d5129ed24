//! Starting a long-lived process of our own that outlives this one.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, PipeWriter, Read as _, Write as _},
    path::PathBuf,
    process::Stdio,
};

use process_wrap::tokio::CommandWrap;

use crate::{Identity, Program, StartError, system};

/// Where a detached process prints to.
#[derive(Debug, Clone, Default)]
pub struct Detached {
    /// Both outputs are added to this file; nowhere without one.
    pub output: Option<PathBuf>,
}

/// Most that a word may have: what any pipe takes at once, whether somebody reads or not.
const WORD_MAX: usize = 16 * 1024;

/// A process that was started before it is needed, and waits for a word.
///
/// Dropping this ends it: it hears that nobody is left to say the word.
#[derive(Debug)]
pub struct Ahead {
    identity: Identity,
    input: PipeWriter,
}

impl Ahead {
    /// Which process it is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Lets it go on, without a tie from here on; an error when it is there no more, or
    /// when the word is no single line that a pipe takes.
    pub fn go(mut self, word: &str) -> io::Result<Identity> {
        if word.len() >= WORD_MAX || word.contains('\n') {
            let why = format!("a word of {} bytes cannot be told", word.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        self.input.write_all(format!("{word}\n").as_bytes())?;
        Ok(self.identity)
    }
}

/// As a process that was started ahead: leaves the session of whoever started it, and
/// waits for the word with which to go on; none when nobody is left to say it.
///
/// Blocks; nothing that outlasts this process may be done before.
pub fn wait_for_word() -> io::Result<Option<String>> {
    system::leave_session()?;
    let mut heard = String::new();
    let most = u64::try_from(WORD_MAX).unwrap_or(u64::MAX);
    io::stdin().lock().take(most).read_line(&mut heard)?;
    // Half a word is the last of somebody who died.
    Ok(heard.strip_suffix('\n').map(str::to_owned))
}

/// Starts `program` in a session of its own, without a tie to this process, its
/// terminal or its pipes.
pub fn start_detached(program: &Program, detached: &Detached) -> Result<Identity, StartError> {
    start(program, detached, Stdio::null(), system::set_apart_for_good)
}

/// As [`start_detached`], of a program that begins with [`wait_for_word`] and leaves
/// this session by itself: with nothing to do in between, the system makes a new
/// process without a copy of this one, which is much quicker.
pub fn start_ahead(program: &Program, detached: &Detached) -> Result<Ahead, StartError> {
    let (reader, input) = io::pipe().map_err(|source| StartError::System {
        program: program.path().to_owned(),
        source,
    })?;
    let identity = start(program, detached, Stdio::from(reader), |_| ())?;
    Ok(Ahead { identity, input })
}

fn start(
    program: &Program,
    detached: &Detached,
    input: Stdio,
    set_apart: fn(&mut CommandWrap),
) -> Result<Identity, StartError> {
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
        .stdin(input)
        .stdout(stdout)
        .stderr(stderr)
        .kill_on_drop(false);
    set_apart(&mut command);
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
