//! A coordinator, its owner, and a place for everything.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    engine::{self, Database},
    processes,
    program::{Run, built},
    wait::until,
};

/// The owner's e-mail address.
pub const EMAIL: &str = "ada@example.org";
/// The owner's password.
pub const PASSWORD: &str = "correct horse battery";
/// The workspace's short name.
pub const WORKSPACE: &str = "team";
/// Programs of the system.
const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A folder with a coordinator and its owner.
pub struct Stage {
    folder: TempDir,
    coord: PathBuf,
    url: OnceLock<String>,
    coordinator: Mutex<Option<Child>>,
    database: Option<Database>,
}

impl Stage {
    /// An empty stage; what is started on it keeps its things in the engine that the run asks for.
    pub fn empty() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("coord-").tempdir()?;
        for name in ["home", "run", "tmp"] {
            fs::create_dir(folder.path().join(name))?;
        }
        fs::write(folder.path().join("password"), PASSWORD)?;
        // The coordinator is asked more often than people would have it ask.
        fs::create_dir(folder.path().join("coordinator"))?;
        fs::write(
            folder.path().join("coordinator/coordinator.toml"),
            "[sign_in]\ndevice_interval_s = 1\n",
        )?;
        Ok(Self {
            folder,
            coord: built("COORD_TEST_COORD", "coord")?,
            url: OnceLock::new(),
            coordinator: Mutex::default(),
            database: engine::asked_for()?,
        })
    }

    /// A stage with a coordinator that runs and an owner who is signed in.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "without a stage there is no test")]
    pub fn ready() -> Self {
        let stage = Self::empty().expect("a stage");
        stage.bootstrap();
        stage.start_coordinator();
        stage.login();
        stage
    }

    /// Leaves the folder where it is when all is over; says where.
    pub fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// A path on the stage.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file with this content.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a full disk fails the test")]
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a file");
        path
    }

    /// The program `coord`.
    pub fn coord_path(&self) -> &Path {
        &self.coord
    }

    /// The coordinator's address.
    pub fn url(&self) -> &str {
        self.url.get().map_or("", String::as_str)
    }

    /// Any program, in the stage's own environment.
    pub fn program(&self, path: &Path) -> Run {
        let run = match &self.database {
            Some(database) => Run::new(path).env("COORD_DATABASE", &database.url),
            None => Run::new(path),
        };
        run.env("PATH", SEARCH_PATH)
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("COORD_CONFIG", self.path("config"))
            .env("LANG", "C.UTF-8")
            .dir(self.folder.path())
    }

    /// The command line, as the stage's person uses it.
    pub fn coord<I: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Run {
        self.program(&self.coord).args(arguments)
    }

    /// Says where coordinators that the test started are reached.
    #[track_caller]
    pub fn is_at(&self, url: &str) {
        assert_eq!(self.url.get_or_init(|| url.to_owned()), url);
    }

    /// Makes the first owner and workspace.
    #[track_caller]
    pub fn bootstrap(&self) {
        self.bootstrap_with(&[]);
    }

    /// The same, with further options.
    #[track_caller]
    pub fn bootstrap_with(&self, options: &[&str]) {
        self.coord([
            "server",
            "bootstrap",
            "--email",
            EMAIL,
            "--workspace",
            "Team",
        ])
        .arg("--data")
        .arg(self.path("coordinator"))
        .arg("--password-file")
        .arg(self.path("password"))
        .args(options)
        .run()
        .ok();
    }

    /// Starts the coordinator, at the same address as before.
    #[track_caller]
    pub fn start_coordinator(&self) {
        self.start_coordinator_with(&[]);
    }

    /// The same, with variables of its environment.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "without a coordinator there is no test")]
    pub fn start_coordinator_with(&self, variables: &[(&str, &str)]) {
        let listen = match self.url.get() {
            Some(url) => url.trim_start_matches("http://").to_owned(),
            None => "127.0.0.1:0".to_owned(),
        };
        let said = self.path("coordinator.out");
        // Each start says that it is ready.
        let before = lines(&said).len();
        let mut run = self
            .coord(["server", "--json", "--listen", &listen, "--data"])
            .arg(self.path("coordinator"));
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let child = run.start(&said).expect("the coordinator starts");
        *self.coordinator() = Some(child);
        let ready: Value = until("the coordinator", || {
            serde_json::from_str(lines(&said).get(before)?).ok()
        });
        assert_eq!(ready["ready"], true, "{ready}");
        let url = ready["url"].as_str().expect("an address").to_owned();
        assert_eq!(*self.url.get_or_init(|| url.clone()), url);
    }

    /// Ends the coordinator: `TERM` asks it, `KILL` does not.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a process that cannot be waited for fails the test"
    )]
    pub fn end_coordinator(&self, signal: &str) {
        if let Some(mut child) = self.coordinator().take() {
            processes::signal(child.id(), signal);
            child.wait().expect("the coordinator ends");
        }
    }

    /// Waits until the coordinator has ended by itself.
    #[track_caller]
    #[expect(
        clippy::expect_used,
        reason = "a process that cannot be waited for fails the test"
    )]
    pub fn coordinator_ended(&self) {
        let mut child = self.coordinator().take().expect("a coordinator that runs");
        until("the coordinator's end", || {
            child.try_wait().expect("a look")
        });
    }

    fn coordinator(&self) -> MutexGuard<'_, Option<Child>> {
        self.coordinator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs the owner in on this machine.
    #[track_caller]
    pub fn login(&self) {
        self.coord(["login", "--server", self.url(), "--email", EMAIL])
            .arg("--password-file")
            .arg(self.path("password"))
            .run()
            .ok();
    }

    /// The processes of this stage whose command line has `word`.
    pub fn processes(&self, word: &str) -> Vec<processes::Process> {
        let mut all = processes::below(self.folder.path());
        all.retain(|process| process.command.contains(word));
        all
    }

    /// The workers of attempts.
    pub fn workers(&self) -> Vec<processes::Process> {
        let mut all = self.processes("worker");
        all.retain(processes::Process::is_worker);
        all
    }
}

/// The lines of a file that may not be there yet; the last one only when it is whole.
pub fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(str::to_owned).collect()
}

impl Drop for Stage {
    fn drop(&mut self) {
        if thread::panicking() {
            tell(self.folder.path());
        }
        // Workers outlive whoever started them, so they are looked for.
        for process in processes::below(self.folder.path()) {
            processes::signal(process.id, "KILL");
        }
        if let Some(mut child) = self.coordinator().take() {
            child.wait().ok();
        }
    }
}

/// Shows what the programs of a failed test said.
#[expect(
    clippy::print_stderr,
    reason = "the test runner shows it where a test failed"
)]
fn tell(folder: &Path) {
    let mut logs: Vec<_> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    logs.sort();
    logs.retain(|path: &PathBuf| path.extension().is_some_and(|e| e == "err" || e == "out"));
    for path in logs {
        let said = lines(&path);
        let end = said.len().saturating_sub(60);
        eprintln!("--- {} ---\n{}", path.display(), said[end..].join("\n"));
    }
}

/// The folder of this package.
pub fn here() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .is_dir()
        .then_some(Path::new(env!("CARGO_MANIFEST_DIR")))
        .context("the tests are run where they were built")
}
