//! The runner's configuration: defaults, then the file, then the environment, then options.
//!
//! Each value knows where it came from, so that a face can say why it cannot
//! change one, and a person finds out which of several settings applies.

mod agents;
mod error;
mod file;
mod hours;
mod level;
mod shared_use;
mod space;
mod values;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use protocol::{agent::AgentName, limits::APPROVAL_TIMEOUT_MIN_DEFAULT, runner::PermissionLevel};

use crate::private_file;

pub use agents::CustomSettings;
pub use error::ConfigError;
pub use hours::{Hours, NotHours};
pub use shared_use::{SharedUseSettings, TooMuchForOthers};
pub use space::SpaceSettings;
pub use values::Values;

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
    /// How much agents may do without asking.
    Permission,
    /// How long a request waits for a person.
    ApprovalTimeout,
    /// Free space below which nothing new is taken.
    DiskFloor,
    /// How long what is over stays.
    KeepDays,
    /// How long what is put aside stays.
    AsideDays,
}

impl Key {
    /// Every key.
    pub const ALL: [Self; 9] = [
        Self::Server,
        Self::Name,
        Self::WorkspaceDir,
        Self::Slots,
        Self::Permission,
        Self::ApprovalTimeout,
        Self::DiskFloor,
        Self::KeepDays,
        Self::AsideDays,
    ];

    /// Its name in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Name => "name",
            Self::WorkspaceDir => "workspace_dir",
            Self::Slots => "slots",
            Self::Permission => "permission",
            Self::ApprovalTimeout => "approval_timeout_min",
            Self::DiskFloor => "disk_floor_mb",
            Self::KeepDays => "keep_days",
            Self::AsideDays => "aside_days",
        }
    }

    /// The environment variable that sets it.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Server => "COORD_SERVER",
            Self::Name => "COORD_RUNNER_NAME",
            Self::WorkspaceDir => "COORD_WORKSPACE_DIR",
            Self::Slots => "COORD_SLOTS",
            Self::Permission => "COORD_PERMISSION",
            Self::ApprovalTimeout => "COORD_APPROVAL_TIMEOUT_MIN",
            Self::DiskFloor => "COORD_DISK_FLOOR_MB",
            Self::KeepDays => "COORD_KEEP_DAYS",
            Self::AsideDays => "COORD_ASIDE_DAYS",
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
    /// Whether jobs may bring arguments of their own; set in the file alone.
    pub job_arguments: bool,
    /// What it is, when it is an agent of the owner's own.
    pub custom: Option<CustomSettings>,
    /// How much it may do without asking; as for all agents when absent.
    pub permission: Option<PermissionLevel>,
}

/// One workspace's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceSettings {
    /// How much agents may do without asking in its jobs; as for all workspaces when absent.
    pub permission: Option<PermissionLevel>,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            program: None,
            model: None,
            extra_arguments: Vec::new(),
            job_arguments: false,
            custom: None,
            permission: None,
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
    /// How much agents may do without asking.
    pub permission: PermissionLevel,
    /// How long a request waits for a person, in minutes.
    pub approval_timeout_min: u32,
    /// Per workspace, by its short name; one that is absent has the defaults.
    pub workspaces: BTreeMap<String, WorkspaceSettings>,
    /// What others may do with this machine, where it is shared.
    pub shared_use: SharedUseSettings,
    /// Room on the disk, and how long what is over stays there.
    pub space: SpaceSettings,
}

impl RunnerConfig {
    /// What the owner allows agents to do without asking, in the workspace of this short name.
    pub fn in_workspace(&self, workspace: &str) -> Option<PermissionLevel> {
        self.workspaces
            .get(workspace)
            .and_then(|one| one.permission)
    }

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
            permission: PermissionLevel::default(),
            approval_timeout_min: APPROVAL_TIMEOUT_MIN_DEFAULT,
            workspaces: BTreeMap::new(),
            shared_use: SharedUseSettings::default(),
            space: SpaceSettings::default(),
        }
    }
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
        for key in change.given() {
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
        for key in values.given() {
            self.origins.insert(key, origin);
        }
        let config = &mut self.config;
        config.server = values.server.or(config.server.take());
        config.name = values.name.or(config.name.take());
        config.workspace_dir = values.workspace_dir.or(config.workspace_dir.take());
        config.slots = values.slots.unwrap_or(config.slots);
        config.permission = values.permission.unwrap_or(config.permission);
        config.approval_timeout_min = values
            .approval_timeout_min
            .unwrap_or(config.approval_timeout_min);
        let space = &mut config.space;
        space.disk_floor_mb = values.disk_floor_mb.unwrap_or(space.disk_floor_mb);
        space.keep_days = values.keep_days.unwrap_or(space.keep_days);
        space.aside_days = values.aside_days.unwrap_or(space.aside_days);
        config.agents.extend(values.agents);
        config.workspaces.extend(values.workspaces);
        if let Some(shared_use) = values.shared_use {
            config.shared_use = shared_use;
        }
    }
}

#[cfg(test)]
mod tests;
