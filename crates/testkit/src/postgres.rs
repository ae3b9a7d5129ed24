//! A PostgreSQL server that lives as long as the test that started it.
//!
//! Its files stand in a temporary directory, it listens on a socket in there
//! alone, and durability is off. It never runs as root: there it becomes
//! `postgres` or `nobody`. One that is *kept* may be killed, suspended and started
//! again, and has everything that it had confirmed. One that is *shared* lives as long
//! as a run of many tests, each a process of its own.

mod account;
mod kept;
mod programs;
mod shared;
mod starter;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use account::Account;
use programs::Programs;
use tempfile::TempDir;

pub use shared::Shared;

/// How long the server may take to be ready.
const START_MAX: Duration = Duration::from_mins(1);
/// How often it is asked whether it is.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const USER: &str = "coord";
const COMMON: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "shared_buffers=16MB",
    "max_connections=200",
];
/// What it confirmed may be gone when its processes are killed.
const FORGETFUL: &[&str] = &["synchronous_commit=off", "full_page_writes=off"];
/// The same, with connections for as many coordinators as tests start at once.
const FORGETFUL_AND_LARGE: &[&str] = &[
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=1000",
];

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum NoPostgres {
    /// The programs are not on this machine.
    #[error(
        "PostgreSQL is not on this machine: neither on PATH nor in /usr/lib/postgresql/*/bin \
         nor in Homebrew's folders is there an `initdb`; install it (Debian: `apt-get install postgresql`)"
    )]
    NotInstalled,
    /// Root may not run it, and there is nobody else to be.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`"
    )]
    NobodyToBe,
    /// A file or program could not be used.
    #[error("{doing} failed")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// One of its programs ended badly.
    #[error("{program} failed: {output}")]
    Failed {
        /// Which.
        program: &'static str,
        /// What it said.
        output: String,
    },
    /// It did not become ready in time.
    #[error("PostgreSQL did not become ready within {START_MAX:?}: {log}")]
    NotReady {
        /// What it said.
        log: String,
    },
}

/// A running server; stopped, and its files removed, when dropped.
#[derive(Debug)]
pub struct Postgres {
    server: Child,
    home: TempDir,
    programs: Programs,
    databases: AtomicU32,
    settings: &'static [&'static str],
}

impl Postgres {
    /// Starts a server with nothing in it.
    pub fn start() -> Result<Self, NoPostgres> {
        Self::start_with(FORGETFUL)
    }

    fn start_with(settings: &'static [&'static str]) -> Result<Self, NoPostgres> {
        let programs = Programs::find().ok_or(NoPostgres::NotInstalled)?;
        let account = Account::to_run_as().ok_or(NoPostgres::NobodyToBe)?;
        let home = tempfile::Builder::new()
            .prefix("coord-pg-")
            .tempdir()
            .map_err(doing("making a temporary directory"))?;
        account
            .give(home.path())
            .map_err(doing("handing the temporary directory over"))?;
        initialise(&programs, &account, &home)?;
        let server = launch(&programs, &account, &home, settings)?;
        let mut started = Self {
            server,
            home,
            programs,
            databases: AtomicU32::new(0),
            settings,
        };
        started.wait_until_ready()?;
        Ok(started)
    }

    /// Makes an empty database of its own; returns its address.
    pub fn database(&self) -> Result<String, NoPostgres> {
        let n = self.databases.fetch_add(1, Ordering::Relaxed) + 1;
        create(&self.programs, self.home.path(), &format!("test_{n}"))
    }

    /// What the server has said of itself since its files were made.
    pub fn said(&self) -> io::Result<String> {
        fs::read_to_string(self.home.path().join("server.log"))
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn wait_until_ready(&mut self) -> Result<(), NoPostgres> {
        let began = Instant::now();
        loop {
            // The server writes its own state into the last line of this file.
            let state = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            if state
                .lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready")
            {
                return Ok(());
            }
            let ended = self
                .server
                .try_wait()
                .map_err(doing("looking after PostgreSQL"))?;
            if ended.is_some() || began.elapsed() > START_MAX {
                let log = self.said().unwrap_or_default();
                return Err(NoPostgres::NotReady { log });
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nothing in it is worth keeping; its own processes end when the first one has.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn create(programs: &Programs, socket: &Path, name: &str) -> Result<String, NoPostgres> {
    let mut create = programs.command("createdb");
    create.arg("-h").arg(socket).args(["-U", USER, name]);
    finish("createdb", &mut create)?;
    Ok(format!(
        "postgres://{USER}@localhost/{name}?host={}",
        socket.display()
    ))
}

fn initialise(programs: &Programs, account: &Account, home: &TempDir) -> Result<(), NoPostgres> {
    let mut init = account.command(&programs.path("initdb"));
    init.arg("-D").arg(home.path().join("data")).args([
        "--username",
        USER,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    init.current_dir(home.path());
    finish("initdb", &mut init)
}

fn launch(
    programs: &Programs,
    account: &Account,
    home: &TempDir,
    settings: &[&str],
) -> Result<Child, NoPostgres> {
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(home.path().join("server.log"))
        .map_err(doing("making PostgreSQL's log"))?;
    let mut server = account.command(&programs.path("postgres"));
    server
        .arg("-D")
        .arg(home.path().join("data"))
        .arg("-k")
        .arg(home.path());
    for setting in COMMON.iter().chain(settings) {
        server.args(["-c", setting]);
    }
    server
        .current_dir(home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    starter::start(server).map_err(doing("starting PostgreSQL"))
}

fn finish(program: &'static str, command: &mut Command) -> Result<(), NoPostgres> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(doing("starting one of PostgreSQL's programs"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(NoPostgres::Failed {
        program,
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

fn doing(doing: &'static str) -> impl FnOnce(io::Error) -> NoPostgres {
    move |source| NoPostgres::Io { doing, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_outlives_the_thread_that_asked_for_it() {
        let mut server = thread::spawn(Postgres::start).join().unwrap().unwrap();
        // Long enough for a signal at the thread's end to have come.
        server.database().unwrap();
        assert!(server.server.try_wait().unwrap().is_none());
    }

    #[test]
    fn a_server_starts_gives_databases_and_leaves_nothing_behind() {
        let server = Postgres::start().unwrap();
        let (one, other) = (server.database().unwrap(), server.database().unwrap());
        assert_ne!(one, other);
        let (home, pid) = (server.home.path().to_owned(), server.server.id());
        drop(server);
        assert!(!home.exists());
        assert!(!std::path::Path::new(&format!("/proc/{pid}/exe")).exists());
    }
}
