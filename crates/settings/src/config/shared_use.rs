//! `[shared_use]`: what the machine's owner allows others to do with it.

use protocol::{agent::AgentName, runner::PermissionLevel};

use super::hours::Hours;

/// What the owner allows others to do, where the runner is shared in a workspace.
///
/// Sharing itself is decided in the web app, for one workspace at a time; this narrows it, and
/// has the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedUseSettings {
    /// Whether others may use it at all.
    pub allowed: bool,
    /// E-mail addresses of those who may; everybody when empty.
    pub people: Vec<String>,
    /// Agents that others may use; every enabled one when empty.
    pub agents: Vec<AgentName>,
    /// The most that an agent may do without asking, in a job of somebody else.
    pub permission: PermissionLevel,
    /// How many jobs of others at once; as many as there are slots when absent.
    pub at_once: Option<u32>,
    /// When others may use it; always when absent.
    pub hours: Option<Hours>,
}

/// A level that jobs of others cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("agents of other people's jobs can be allowed \"read_only\" or \"ask\", and no more")]
pub struct TooMuchForOthers;

impl SharedUseSettings {
    /// The most that the owner can let agents do in jobs of others. What goes further is for the
    /// owner's own jobs: nobody else is at the machine to see what happens there.
    pub const PERMISSION_MAX: PermissionLevel = PermissionLevel::Ask;

    /// `level`, where jobs of others can be given it.
    pub fn permission_for_others(
        level: PermissionLevel,
    ) -> Result<PermissionLevel, TooMuchForOthers> {
        if level > Self::PERMISSION_MAX {
            return Err(TooMuchForOthers);
        }
        Ok(level)
    }
}

impl Default for SharedUseSettings {
    fn default() -> Self {
        Self {
            allowed: true,
            people: Vec::new(),
            agents: Vec::new(),
            permission: PermissionLevel::Ask,
            at_once: None,
            hours: None,
        }
    }
}
