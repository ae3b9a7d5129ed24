//! Who may do what in a workspace: the one table.
//!
//! Whether somebody is a member at all is decided before; a non-member is told
//! that the workspace does not exist. What may be done with a job depends on its team,
//! too: [`job`]; what with a member or a runner, on whose they are: [`member`], [`runner`].
//! `docs/rights.md` shows all of it.

#[cfg(test)]
mod document;
pub(crate) mod job;
pub(crate) mod member;
pub(crate) mod runner;

use protocol::{api::Role, error::ErrorCode};

use crate::error::{ApiError, ApiResult};

/// Something that a role may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Right {
    /// Jobs, their records and results, runners, members, and what waits for a person.
    Read,
    /// Submit jobs.
    SubmitJobs,
    /// Share one's own runners with the other members.
    ShareOwnRunners,
    /// Disable and enable every runner here, and end its sharing here.
    ManageRunners,
    /// Invite people, change their roles, and take them out.
    ManageMembers,
    /// Rename the workspace.
    ManageWorkspace,
    /// Read and export the audit log.
    ReadAudit,
    /// Give the workspace to another member.
    Transfer,
    /// Delete the workspace with everything in it.
    DeleteWorkspace,
}

impl Right {
    /// Every right, in the order of the table in the documents.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 9] = [
        Self::Read,
        Self::SubmitJobs,
        Self::ShareOwnRunners,
        Self::ManageRunners,
        Self::ManageMembers,
        Self::ManageWorkspace,
        Self::ReadAudit,
        Self::Transfer,
        Self::DeleteWorkspace,
    ];

    /// What it allows, for a person: completes "does not let you …".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Read => "see this",
            Self::SubmitJobs => "submit jobs",
            Self::ShareOwnRunners => "share runners",
            Self::ManageRunners => "manage the runners of others",
            Self::ManageMembers => "manage members and invitations",
            Self::ManageWorkspace => "change the workspace",
            Self::ReadAudit => "read the audit log",
            Self::Transfer => "give the workspace to somebody else",
            Self::DeleteWorkspace => "delete the workspace",
        }
    }
}

/// Whether `role` includes `right`.
pub(crate) const fn includes(role: Role, right: Right) -> bool {
    match right {
        Right::Read => true,
        Right::SubmitJobs | Right::ShareOwnRunners => {
            matches!(role, Role::Owner | Role::Admin | Role::Member)
        }
        Right::ManageRunners | Right::ManageMembers | Right::ManageWorkspace | Right::ReadAudit => {
            matches!(role, Role::Owner | Role::Admin)
        }
        Right::Transfer | Right::DeleteWorkspace => matches!(role, Role::Owner),
    }
}

/// Refuses with words for a person unless `role` includes `right`.
pub(crate) fn require(role: Role, right: Right) -> ApiResult<()> {
    if includes(role, right) {
        return Ok(());
    }
    Err(forbidden(&format!(
        "Your role in this workspace does not let you {}.",
        right.words()
    ))
    .hint("Ask an admin of the workspace for another role."))
}

fn forbidden(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Forbidden, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_role_never_has_fewer_rights() {
        let roles = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
        for pair in roles.windows(2) {
            for right in Right::ALL {
                assert!(
                    !includes(pair[0], right) || includes(pair[1], right),
                    "{right:?}"
                );
            }
        }
    }

    #[test]
    fn a_viewer_only_reads() {
        for right in Right::ALL {
            assert_eq!(includes(Role::Viewer, right), right == Right::Read);
        }
        assert_eq!(
            require(Role::Viewer, Right::SubmitJobs)
                .unwrap_err()
                .problem()
                .code,
            ErrorCode::Forbidden
        );
    }
}
