//! The folder in which `run` keeps everything.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{command::Program, project};

/// The port that is tried first.
const PORT: u16 = 8420;

/// Folder and port of this installation; the same at every run.
pub(super) struct Place {
    folder: PathBuf,
    coord: PathBuf,
    port: u16,
}

impl Place {
    /// Makes the folder at the first run; finds it again at every further one.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let folder = folder.canonicalize()?;
        let note = folder.join("port");
        let port = if let Ok(text) = fs::read_to_string(&note) {
            let port = text.trim().parse();
            let port = port.with_context(|| format!("{} holds no port", note.display()))?;
            if !is_free(port) {
                bail!("port {port} is in use: another run may still be going; end it first");
            }
            port
        } else {
            let port = if is_free(PORT) { PORT } else { any_free()? };
            fs::write(&note, port.to_string())
                .with_context(|| format!("{} cannot be written", note.display()))?;
            port
        };
        let coord = project::binary("coord", false)?;
        let jobs = folder.join("jobs");
        fs::create_dir_all(&jobs).with_context(|| format!("{} cannot be made", jobs.display()))?;
        Ok(Self {
            folder,
            coord,
            port,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The coordinator's data.
    pub(super) fn coordinator(&self) -> PathBuf {
        self.folder.join("coordinator")
    }

    /// The runner's data.
    pub(super) fn runner(&self) -> PathBuf {
        self.folder.join("runner")
    }

    /// Where jobs get their folders.
    pub(super) fn jobs(&self) -> PathBuf {
        self.folder.join("jobs")
    }

    /// The command line's sign-ins.
    pub(super) fn config(&self) -> PathBuf {
        self.folder.join("config")
    }

    /// The program.
    pub(super) fn coord(&self) -> &Path {
        &self.coord
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// The program with arguments, on this installation.
    pub(super) fn command(&self, arguments: &[&str]) -> Program {
        Program::new(&self.coord)
            .args(arguments)
            .env("COORD_CONFIG", self.config())
            .without_env("COORD_DATA")
            .without_env("COORD_SERVER")
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn any_free() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
