//! Values from one place, and what makes them usable.

use std::{collections::BTreeMap, path::PathBuf};

use protocol::{
    agent::AgentName,
    limits::{APPROVAL_TIMEOUT_MIN_MAX, RUNNER_NAME_CHARS_MAX, SLOTS_MAX},
    runner::PermissionLevel,
};

use super::{AgentSettings, ConfigError, Key, SharedUseSettings, WorkspaceSettings, agents, level};
use crate::server;

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
    /// How much agents may do without asking.
    pub permission: Option<PermissionLevel>,
    /// How long a request waits for a person, in minutes.
    pub approval_timeout_min: Option<u32>,
    /// Free space below which nothing new is taken, in megabytes.
    pub disk_floor_mb: Option<u32>,
    /// Days until the folders of what is over are put aside.
    pub keep_days: Option<u32>,
    /// Days until what was put aside is deleted.
    pub aside_days: Option<u32>,
    /// Per workspace; each replaces that workspace's settings as a whole.
    pub workspaces: BTreeMap<String, WorkspaceSettings>,
    /// Per agent; each replaces that agent's settings as a whole.
    pub agents: BTreeMap<AgentName, AgentSettings>,
    /// Agents of the owner's own that are to go.
    pub agents_removed: Vec<AgentName>,
    /// What others may do, as a whole.
    pub shared_use: Option<SharedUseSettings>,
}

impl Values {
    /// The values that environment variables give, read through `variable`.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let get = |key: Key| variable(key.variable()).filter(|text| !text.trim().is_empty());
        let number = |key: Key| match get(key) {
            None => Ok(None),
            Some(text) => text
                .trim()
                .parse::<u32>()
                .map(Some)
                .map_err(|_| invalid(key, format!("`{text}` is not a number"))),
        };
        let permission = match get(Key::Permission) {
            None => None,
            Some(text) => Some(level::named(text.trim()).ok_or_else(|| {
                let why = format!("`{text}` is not {}", level::CHOICES);
                invalid(Key::Permission, why)
            })?),
        };
        let slots = number(Key::Slots)?;
        Ok(Self {
            server: get(Key::Server),
            name: get(Key::Name),
            workspace_dir: get(Key::WorkspaceDir).map(PathBuf::from),
            slots,
            permission,
            approval_timeout_min: number(Key::ApprovalTimeout)?,
            disk_floor_mb: number(Key::DiskFloor)?,
            keep_days: number(Key::KeepDays)?,
            aside_days: number(Key::AsideDays)?,
            workspaces: BTreeMap::new(),
            agents: BTreeMap::new(),
            agents_removed: Vec::new(),
            shared_use: None,
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
        for (name, agent) in &self.agents {
            agents::check(name, agent)?;
        }
        let minutes = 1..=APPROVAL_TIMEOUT_MIN_MAX;
        if let Some(given) = self
            .approval_timeout_min
            .filter(|given| !minutes.contains(given))
        {
            return Err(invalid(
                Key::ApprovalTimeout,
                format!("{given} is not a number from 1 to {APPROVAL_TIMEOUT_MIN_MAX}"),
            ));
        }
        Ok(Self {
            server,
            name,
            ..self
        })
    }

    /// The keys that have a value here.
    pub(super) fn given(&self) -> Vec<Key> {
        Key::ALL
            .into_iter()
            .filter(|key| match key {
                Key::Server => self.server.is_some(),
                Key::Name => self.name.is_some(),
                Key::WorkspaceDir => self.workspace_dir.is_some(),
                Key::Slots => self.slots.is_some(),
                Key::Permission => self.permission.is_some(),
                Key::ApprovalTimeout => self.approval_timeout_min.is_some(),
                Key::DiskFloor => self.disk_floor_mb.is_some(),
                Key::KeepDays => self.keep_days.is_some(),
                Key::AsideDays => self.aside_days.is_some(),
            })
            .collect()
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
