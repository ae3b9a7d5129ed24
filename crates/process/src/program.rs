//! What is to be run, and how it is started.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use process_wrap::tokio::{ChildWrapper, CommandWrap};

use crate::{Child, kin, kin::Mark, system};

/// A program with everything that it gets; nothing is inherited unless asked for.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    inherit_environment: bool,
    folder: Option<PathBuf>,
    mark: Option<Mark>,
    pub(crate) gently: bool,
}

/// Why a program could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such file.
    #[error("cannot start {}: there is no such program; install it, or set its path", .program.display())]
    NotFound {
        /// What was to be started.
        program: PathBuf,
    },
    /// The file is there, but may not be run.
    #[error("cannot start {}: it may not be run by this user; check the permissions of the file", .program.display())]
    NotAllowed {
        /// What was to be started.
        program: PathBuf,
    },
    /// The folder to run it in is not there.
    #[error("cannot start {}: its working folder {} does not exist", .program.display(), .folder.display())]
    NoFolder {
        /// What was to be started.
        program: PathBuf,
        /// Where.
        folder: PathBuf,
    },
    /// The system refused.
    #[error("cannot start {}", .program.display())]
    System {
        /// What was to be started.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Program {
    /// The program at `path`, without arguments and with an empty environment.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            inherit_environment: false,
            folder: None,
            mark: None,
            gently: false,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator<Item: Into<OsString>>,
    {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds variables to the environment; a later one of the same name wins.
    #[must_use]
    pub fn environment<I, K, V>(mut self, variables: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        self.environment.extend(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        self
    }

    /// Starts from this process's own environment instead of an empty one.
    #[must_use]
    pub fn inherit_environment(mut self) -> Self {
        self.inherit_environment = true;
        self
    }

    /// Sets the working folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Names a variable of its environment by which strays are recognised at the
    /// end. Its value must belong to this program alone.
    #[must_use]
    pub fn marked_by(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// Never breaks it off in the middle of something: when it is dropped it is
    /// only asked to stop, and what it leaves running is left alone. For what is
    /// not ours, such as a person's login shell, whose start-up files may be at
    /// work on files of their own.
    #[must_use]
    pub fn gently(mut self) -> Self {
        self.gently = true;
        self
    }

    /// Starts it, with all three streams as pipes.
    pub fn start(&self) -> Result<Child, StartError> {
        let mut command = self.command()?;
        command
            .command_mut()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        system::set_apart(&mut command);
        // Held while starting: a look at adopted processes must not mistake this
        // one for a stranger.
        let mut own = kin::own_children();
        let started = self.spawn(&mut command)?;
        if let Some(pid) = started.id() {
            own.insert(pid);
        }
        drop(own);
        Child::watch(started, self.mark.clone(), self.gently).map_err(|source| self.refused(source))
    }

    pub(crate) fn spawn(
        &self,
        command: &mut CommandWrap,
    ) -> Result<Box<dyn ChildWrapper>, StartError> {
        command.spawn().map_err(|source| self.refused(source))
    }

    pub(crate) fn command(&self) -> Result<CommandWrap, StartError> {
        if let Some(folder) = self.folder.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(StartError::NoFolder {
                program: self.path.clone(),
                folder: folder.to_owned(),
            });
        }
        Ok(CommandWrap::with_new(&self.path, |command| {
            if !self.inherit_environment {
                command.env_clear();
            }
            command
                .args(&self.arguments)
                .envs(self.environment.iter().map(|(name, value)| (name, value)));
            if let Some(folder) = &self.folder {
                command.current_dir(folder);
            }
        }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn refused(&self, source: io::Error) -> StartError {
        let program = self.path.clone();
        match source.kind() {
            io::ErrorKind::NotFound => StartError::NotFound { program },
            io::ErrorKind::PermissionDenied => StartError::NotAllowed { program },
            _ => StartError::System { program, source },
        }
    }
}
