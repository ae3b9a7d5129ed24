//! What a person may do with a runner: by action, by whose it is, and by role.
//!
//! What concerns the machine everywhere is its owner's; what concerns one
//! workspace is for those who manage it there, and sharing is the owner's to give.

use protocol::{
    api::{Role, RunnerAction, RunnerOption},
    error::ErrorCode,
};

use super::{Right, includes};
use crate::error::{ApiError, ApiResult};

/// What a runner is to the person who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Relation {
    /// It belongs to their account.
    Own,
    /// It belongs to another member.
    OfOthers,
}

/// Every action, in the order in which people see them.
pub(crate) const ACTIONS: [RunnerAction; 8] = [
    RunnerAction::Rename,
    RunnerAction::Share,
    RunnerAction::Unshare,
    RunnerAction::Pause,
    RunnerAction::Resume,
    RunnerAction::Disable,
    RunnerAction::Enable,
    RunnerAction::Remove,
];

/// How a runner stands, as far as it decides what can be done with it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Condition {
    /// It is shared in this workspace.
    pub(crate) shared: bool,
    /// It is disabled in this workspace.
    pub(crate) disabled: bool,
    /// It is paused, or was asked to pause.
    pub(crate) paused: bool,
}

/// The table: whether the person may do it, however the runner stands.
pub(crate) const fn allows(action: RunnerAction, relation: Relation, role: Role) -> bool {
    let own = matches!(relation, Relation::Own);
    match action {
        RunnerAction::Rename
        | RunnerAction::Pause
        | RunnerAction::Resume
        | RunnerAction::Remove => own,
        RunnerAction::Share => own && includes(role, Right::ShareOwnRunners),
        RunnerAction::Unshare => own || includes(role, Right::ManageRunners),
        RunnerAction::Disable | RunnerAction::Enable => includes(role, Right::ManageRunners),
    }
}

/// Refuses with words for a person unless the table allows it.
pub(crate) fn require(action: RunnerAction, relation: Relation, role: Role) -> ApiResult<()> {
    if allows(action, relation, role) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::Forbidden,
        why_not_allowed(action, relation),
    ))
}

/// What the person may do with a runner now, the impossible with the reason.
pub(crate) fn options(relation: Relation, role: Role, condition: Condition) -> Vec<RunnerOption> {
    let refused = |action| {
        if allows(action, relation, role) {
            why_not_now(action, condition)
        } else {
            Some(why_not_allowed(action, relation))
        }
    };
    ACTIONS
        .into_iter()
        .map(|action| RunnerOption {
            action,
            refused: refused(action).map(str::to_owned),
        })
        .collect()
}

const fn why_not_allowed(action: RunnerAction, relation: Relation) -> &'static str {
    match action {
        RunnerAction::Rename => "Only its owner can rename a runner.",
        RunnerAction::Pause => "Only its owner can pause a runner.",
        RunnerAction::Resume => "Only its owner can end a runner's pause.",
        RunnerAction::Remove => "Only its owner can remove a runner.",
        RunnerAction::Share => match relation {
            Relation::Own => "Viewers cannot share runners. Ask an admin for another role.",
            Relation::OfOthers => "Only its owner can share a runner.",
        },
        RunnerAction::Unshare => "Only its owner and admins can end a runner's sharing.",
        RunnerAction::Disable => "Only admins can disable a runner.",
        RunnerAction::Enable => "Only admins can enable a runner.",
    }
}

const fn why_not_now(action: RunnerAction, condition: Condition) -> Option<&'static str> {
    match action {
        RunnerAction::Share if condition.shared => Some("It is shared here already."),
        RunnerAction::Unshare if !condition.shared => Some("It is not shared here."),
        RunnerAction::Pause if condition.paused => Some("It is paused already."),
        RunnerAction::Resume if !condition.paused => Some("It is not paused."),
        RunnerAction::Disable if condition.disabled => Some("It is disabled here already."),
        RunnerAction::Enable if !condition.disabled => Some("It is not disabled here."),
        RunnerAction::Rename
        | RunnerAction::Share
        | RunnerAction::Unshare
        | RunnerAction::Pause
        | RunnerAction::Resume
        | RunnerAction::Disable
        | RunnerAction::Enable
        | RunnerAction::Remove => None,
    }
}

#[cfg(test)]
mod tests;
