//! One private desktop, with everything that runs on it.

#[path = "desk/home.rs"]
mod home;
#[path = "desk/screen.rs"]
mod screen;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use process::{Child, Mark, Program};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    time::{Instant, sleep, timeout},
};
use tokio_util::task::TaskTracker;

use crate::double::Double;

/// How long anything on the desktop may take; generous, since machines are busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const MARK: &str = "COORD_TEST_DESK";

/// A desktop; it ends with everything on it when it is dropped.
pub(crate) struct Desk {
    /// What the person sees beside the app's window.
    pub(crate) double: Double,
    environment: Vec<(String, String)>,
    // Dropped in this order: programs first, then their files.
    children: Vec<Child>,
    outputs: TaskTracker,
    home: TempDir,
}

/// What a desktop has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Furniture {
    /// Whether something shows tray icons.
    pub(crate) tray: bool,
    /// Whether a keyring is there and unlocked.
    pub(crate) keyring: bool,
    /// Whether it is dark.
    pub(crate) dark: bool,
}

impl Default for Furniture {
    fn default() -> Self {
        Self {
            tray: true,
            keyring: false,
            dark: false,
        }
    }
}

impl Desk {
    /// Sets up a desktop.
    pub(crate) async fn with(furniture: Furniture) -> anyhow::Result<Self> {
        let home = tempfile::Builder::new().prefix("desk").tempdir()?;
        let environment = home::environment(home.path(), furniture)?;
        let mut desk = Self {
            double: Double::nowhere(),
            environment,
            children: Vec::new(),
            outputs: TaskTracker::new(),
            home,
        };
        let bus_conf = here().join("bus.conf");
        let address = desk
            .start_until_line(
                &desk
                    .system("dbus-daemon")?
                    .arguments(["--nofork", "--print-address"])
                    .argument(format!("--config-file={}", bus_conf.display()))
                    // Whatever still runs on the desktop ends with its bus.
                    .marked_by(Mark {
                        name: MARK.to_owned(),
                        value: desk.home.path().to_string_lossy().into_owned(),
                    }),
            )
            .await?;
        desk.set("DBUS_SESSION_BUS_ADDRESS", address);
        let screen = desk
            .system("Xvfb")?
            .arguments(["-displayfd", "1", "-screen", "0", "1280x900x24"])
            .arguments(["-nolisten", "tcp", "-noreset"]);
        let number = desk.start_until_line(&screen).await?;
        desk.set("DISPLAY", format!(":{number}"));
        desk.start("openbox", &desk.system("openbox")?)?;
        if furniture.keyring {
            desk.unlock_keyring().await?;
        }
        desk.double = Double::start(&desk, furniture.tray).await?;
        Ok(desk)
    }

    async fn unlock_keyring(&mut self) -> anyhow::Result<()> {
        let keyring = self.system("gnome-keyring-daemon")?.arguments([
            "--foreground",
            "--unlock",
            "--components=secrets",
        ]);
        let mut child = keyring.start()?;
        let mut stdin = child.take_stdin().context("the keyring takes a password")?;
        tokio::io::AsyncWriteExt::write_all(&mut stdin, b"test-password").await?;
        drop(stdin);
        self.keep("gnome-keyring", child);
        Ok(())
    }

    fn set(&mut self, name: &str, value: String) {
        self.environment.push((name.to_owned(), value));
    }

    /// The app's folder of data.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The person's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.home.path().join("home")
    }

    /// A program of the system, on this desktop.
    pub(crate) fn system(&self, name: &str) -> anyhow::Result<Program> {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
            .with_context(|| format!("{name} is missing; `cargo xtask test` installs it"))?;
        Ok(self.program(found))
    }

    /// The desktop app, or its window alone.
    pub(crate) fn app(&self, arguments: &[&str]) -> anyhow::Result<Program> {
        Ok(self
            .program(self.app_path()?)
            .arguments(arguments.iter().copied()))
    }

    /// The command line.
    pub(crate) fn coord(&self, arguments: &[&str]) -> anyhow::Result<Program> {
        let path = self.app_path()?.with_file_name("coord");
        Ok(self.program(path).arguments(arguments.iter().copied()))
    }

    /// Where the app stands on this desktop, with `coord` beside it.
    pub(crate) fn app_path(&self) -> anyhow::Result<PathBuf> {
        let folder = self.home.path().join("app");
        if !folder.exists() {
            std::fs::create_dir(&folder)?;
            for (name, place) in home::built()? {
                // A copy would be safer and slower; nobody writes to either.
                std::fs::hard_link(&place, folder.join(name))
                    .or_else(|_| std::fs::copy(&place, folder.join(name)).map(drop))?;
            }
        }
        Ok(folder.join("coord-runner"))
    }

    /// The program at `path`, on this desktop.
    pub(crate) fn at(&self, path: impl Into<PathBuf>) -> Program {
        self.program(path.into())
    }

    fn program(&self, path: PathBuf) -> Program {
        Program::new(path)
            .environment(self.environment.iter().map(|(name, value)| (name, value)))
            .folder(self.home.path())
    }

    /// Starts a program that stays; what it prints goes to a file of its name.
    pub(crate) fn start(&mut self, name: &str, program: &Program) -> anyhow::Result<usize> {
        let child = program.start()?;
        Ok(self.keep(name, child))
    }

    /// Ends a program that was started.
    pub(crate) async fn end(&mut self, number: usize) -> anyhow::Result<()> {
        let child = self.children.get_mut(number).context("a started program")?;
        child.end(Duration::from_secs(1)).await;
        Ok(())
    }

    /// The process of a program that was started.
    pub(crate) fn pid(&self, number: usize) -> anyhow::Result<u32> {
        let child = self.children.get(number).context("a started program")?;
        Ok(child.identity().pid)
    }

    /// Whether a program that was started still runs.
    pub(crate) fn runs(&self, number: usize) -> bool {
        self.children
            .get(number)
            .is_some_and(|child| child.status().is_none())
    }

    /// Runs a program to its end and gives what it printed.
    pub(crate) async fn run(&self, program: &Program) -> anyhow::Result<(bool, String)> {
        let mut child = program.start()?;
        drop(child.take_stdin());
        let mut stdout = child.take_stdout().context("an output")?;
        let mut text = String::new();
        timeout(
            PATIENCE,
            tokio::io::AsyncReadExt::read_to_string(&mut stdout, &mut text),
        )
        .await??;
        let status = timeout(PATIENCE, child.wait()).await?;
        Ok((status.is_some_and(|status| status.success()), text))
    }

    /// Starts a program that stays, and gives the first line that it prints.
    pub(crate) async fn start_until_line(&mut self, program: &Program) -> anyhow::Result<String> {
        let mut child = program.start()?;
        let stdout = child.take_stdout().context("an output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??;
        self.outputs.spawn(async move {
            // Read on, so that it never blocks.
            while let Ok(Some(_)) = lines.next_line().await {}
        });
        self.keep("first", child);
        line.context("a program of the desktop ended at once")
    }

    fn keep(&mut self, name: &str, mut child: Child) -> usize {
        let log = |suffix: &str| self.home.path().join(format!("{name}.{suffix}.log"));
        if let Some(stdout) = child.take_stdout() {
            self.outputs.spawn(write_down(stdout, log("out")));
        }
        if let Some(stderr) = child.take_stderr() {
            self.outputs.spawn(write_down(stderr, log("err")));
        }
        self.children.push(child);
        self.children.len() - 1
    }
}

/// Asks again and again until the answer is there.
pub(crate) async fn eventually<T>(
    what: &str,
    look: impl AsyncFn() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let last = look().await;
        if let Ok(Some(found)) = last {
            return Ok(found);
        }
        if Instant::now() > give_up {
            last.with_context(|| format!("waiting until {what}"))?;
            bail!("waited in vain until {what}");
        }
        sleep(LOOK_EVERY).await;
    }
}

/// The folder of these tests.
pub(crate) fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("desktop")
}

async fn write_down(mut from: impl AsyncRead + Unpin, to: PathBuf) {
    if let Ok(mut file) = tokio::fs::File::create(to).await {
        // The program's end ends the copy; there is nothing more to read then.
        let _ = tokio::io::copy(&mut from, &mut file).await;
    }
}
