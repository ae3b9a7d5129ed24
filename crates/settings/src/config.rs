//! The runner's configuration: defaults, then the file, then the environment, then options.
//!
//! Each value knows where it came from, so that a face can say why it cannot
//! change one, and a person finds out which of several settings applies.

mod file;

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use protocol::{
    agent::AgentName,
    limits::{RUNNER_NAME_CHARS_MAX, SLOTS_MAX},
};

use crate::{private_file, server};

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File,
    /// The environment.
    Environment,
    /// An option of the command line.
    Option,
}

/// The settings that are not of one agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The coordinator's address.
    Server,
    /// The wished name of the runner.
    Name,
    /// Where jobs get their folders.
    WorkspaceDir,
    /// Concurrent jobs.
    Slots,
}

impl Key {
    /// Every key.
    pub const ALL: [Self; 4] = [Self::Server, Self::Name, Self::WorkspaceDir, Self::Slots];

    /// Its name in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Name => "name",
            Self::WorkspaceDir => "workspace_dir",
            Self::Slots => "slots",
        }
    }

    /// The environment variable that sets it.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Server => "COORD_SERVER",
            Self::Name => "COORD_RUNNER_NAME",
            Self::WorkspaceDir => "COORD_WORKSPACE_DIR",
            Self::Slots => "COORD_SLOTS",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One agent's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSettings {
    /// Whether jobs may be given to it.
    pub enabled: bool,
    /// Its program, when it is not where it is looked for.
    pub program: Option<String>,
    /// The model to ask for.
    pub model: Option<String>,
    /// Arguments to add.
    pub extra_arguments: Vec<String>,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            program: None,
            model: None,
            extra_arguments: Vec::new(),
        }
    }
}

/// The settings as they apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerConfig {
    /// The coordinator's address, in one form.
    pub server: Option<String>,
    /// The wished name of the runner.
    pub name: Option<String>,
    /// Where jobs get their folders.
    pub workspace_dir: Option<PathBuf>,
    /// Concurrent jobs, from 1.
    pub slots: u32,
    /// Per agent; one that is absent has the defaults.
    pub agents: BTreeMap<AgentName, AgentSettings>,
}

impl RunnerConfig {
    /// The settings of `agent`.
    pub fn agent(&self, agent: &AgentName) -> AgentSettings {
        self.agents.get(agent).cloned().unwrap_or_default()
    }
}

impl Default for RunnerConfig {
    fn default() -> Self {
        Self {
            server: None,
            name: None,
            workspace_dir: None,
            slots: 1,
            agents: BTreeMap::new(),
        }
    }
}

/// Values from one place; what is absent is left to the places before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The coordinator's address.
    pub server: Option<String>,
    /// The wished name of the runner.
    pub name: Option<String>,
    /// Where jobs get their folders.
    pub workspace_dir: Option<PathBuf>,
    /// Concurrent jobs.
    pub slots: Option<u32>,
    /// Per agent; each replaces that agent's settings as a whole.
    pub agents: BTreeMap<AgentName, AgentSettings>,
}

impl Values {
    /// The values that environment variables give, read through `variable`.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let get = |key: Key| variable(key.variable()).filter(|text| !text.trim().is_empty());
        let slots = match get(Key::Slots) {
            None => None,
            Some(text) => Some(
                text.trim()
                    .parse()
                    .map_err(|_| invalid(Key::Slots, format!("`{text}` is not a number")))?,
            ),
        };
        Ok(Self {
            server: get(Key::Server),
            name: get(Key::Name),
            workspace_dir: get(Key::WorkspaceDir).map(PathBuf::from),
            slots,
            agents: BTreeMap::new(),
        })
    }

    /// The values in their one form, or why one of them cannot be used.
    pub fn checked(self) -> Result<Self, ConfigError> {
        let server = self
            .server
            .map(|text| server::normalize(&text))
            .transpose()
            .map_err(|error| invalid(Key::Server, error.to_string()))?;
        let name = self.name.map(|name| name.trim().to_owned());
        if let Some(name) = &name {
            check_name(name)?;
        }
        if let Some(path) = self
            .workspace_dir
            .as_ref()
            .filter(|path| !path.is_absolute())
        {
            return Err(invalid(
                Key::WorkspaceDir,
                format!("`{}` is not a full path", path.display()),
            ));
        }
        if let Some(slots) = self.slots.filter(|slots| !(1..=SLOTS_MAX).contains(slots)) {
            return Err(invalid(
                Key::Slots,
                format!("{slots} is not a number from 1 to {SLOTS_MAX}"),
            ));
        }
        Ok(Self {
            server,
            name,
            ..self
        })
    }
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let chars = name.chars().count();
    if chars == 0 || chars > RUNNER_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(invalid(
            Key::Name,
            format!("a name has 1 to {RUNNER_NAME_CHARS_MAX} characters on one line"),
        ));
    }
    Ok(())
}

fn invalid(key: Key, why: String) -> ConfigError {
    ConfigError::Invalid { key, why }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is broken; it is left as it is.
    #[error(
        "the configuration file {file} cannot be understood in line {line}: {why}; correct or remove that line (the file was left as it is)"
    )]
    Broken {
        /// Which.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A value cannot be used.
    #[error("the setting `{key}` cannot be used: {why}")]
    Invalid {
        /// Which.
        key: Key,
        /// What is wrong with it.
        why: String,
    },
    /// An option or the environment has set it.
    #[error("the setting `{key}` was set {}, and can only be changed there", match .origin {
        Origin::Environment => format!("by the environment variable {}", .key.variable()),
        Origin::Default | Origin::File | Origin::Option => "when the service was started".to_owned(),
    })]
    Locked {
        /// Which.
        key: Key,
        /// Where it was set.
        origin: Origin,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration file {file}")]
    Read {
        /// Which.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the configuration file {file}")]
    Write {
        /// Which.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The configuration with its file.
#[derive(Debug)]
pub struct Configuration {
    file: PathBuf,
    fixed: Vec<(Origin, Values)>,
    config: RunnerConfig,
    origins: BTreeMap<Key, Origin>,
    unknown_keys: Vec<String>,
}

impl Configuration {
    /// Reads `file` (which may be missing), under what the environment and the options say.
    pub fn load(file: &Path, environment: Values, options: Values) -> Result<Self, ConfigError> {
        let mut configuration = Self {
            file: file.to_owned(),
            fixed: vec![
                (Origin::Environment, environment.checked()?),
                (Origin::Option, options.checked()?),
            ],
            config: RunnerConfig::default(),
            origins: BTreeMap::new(),
            unknown_keys: Vec::new(),
        };
        configuration.reload()?;
        Ok(configuration)
    }

    /// Reads the file again; after an error everything is as before.
    pub fn reload(&mut self) -> Result<(), ConfigError> {
        let read = file::parse(&self.file, &file::read(&self.file)?)?;
        self.config = RunnerConfig::default();
        self.origins = BTreeMap::new();
        self.unknown_keys = read.unknown_keys;
        self.apply(Origin::File, read.values);
        for (origin, values) in self.fixed.clone() {
            self.apply(origin, values);
        }
        Ok(())
    }

    /// Changes the file; comments and everything that is absent from `change` stay.
    pub fn change(&mut self, change: Values) -> Result<(), ConfigError> {
        let change = change.checked()?;
        for key in given(&change) {
            if let Some(origin) = self
                .origins
                .get(&key)
                .filter(|origin| **origin > Origin::File)
            {
                return Err(ConfigError::Locked {
                    key,
                    origin: *origin,
                });
            }
        }
        let text = file::changed(&self.file, &file::read(&self.file)?, &change)?;
        private_file::replace(&self.file, text.as_bytes()).map_err(|source| {
            ConfigError::Write {
                file: self.file.display().to_string(),
                source,
            }
        })?;
        self.reload()
    }

    /// The settings as they apply now.
    pub const fn config(&self) -> &RunnerConfig {
        &self.config
    }

    /// Where the value of `key` came from.
    pub fn origin(&self, key: Key) -> Origin {
        self.origins.get(&key).copied().unwrap_or(Origin::Default)
    }

    /// Keys that the environment or an option has set.
    pub fn locked(&self) -> Vec<Key> {
        Key::ALL
            .into_iter()
            .filter(|key| self.origin(*key) > Origin::File)
            .collect()
    }

    /// Keys in the file that mean nothing, for a warning.
    pub fn unknown_keys(&self) -> &[String] {
        &self.unknown_keys
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    fn apply(&mut self, origin: Origin, values: Values) {
        for key in given(&values) {
            self.origins.insert(key, origin);
        }
        let config = &mut self.config;
        config.server = values.server.or(config.server.take());
        config.name = values.name.or(config.name.take());
        config.workspace_dir = values.workspace_dir.or(config.workspace_dir.take());
        config.slots = values.slots.unwrap_or(config.slots);
        config.agents.extend(values.agents);
    }
}

fn given(values: &Values) -> Vec<Key> {
    Key::ALL
        .into_iter()
        .filter(|key| match key {
            Key::Server => values.server.is_some(),
            Key::Name => values.name.is_some(),
            Key::WorkspaceDir => values.workspace_dir.is_some(),
            Key::Slots => values.slots.is_some(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
