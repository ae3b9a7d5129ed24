//! Who may do what in a workspace: the one table.
//!
//! Whether somebody is a member at all is decided before; a non-member is told
//! that the workspace does not exist.

use protocol::{api::Role, error::ErrorCode};

use crate::error::{ApiError, ApiResult};

/// Something that a role may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Right {
    /// Jobs, their records and results, runners, and what waits for a person.
    Read,
    /// Submit jobs, and attach files to one's own.
    SubmitJobs,
    /// Change or cancel one's own jobs.
    ChangeOwnJobs,
    /// Change or cancel anybody's jobs.
    ChangeEveryJob,
    /// Answer the approvals and questions of one's own jobs.
    AnswerOwnJobs,
    /// Answer the approvals and questions of anybody's jobs.
    AnswerEveryJob,
}

/// Whether `role` includes `right`.
pub(crate) const fn includes(role: Role, right: Right) -> bool {
    match right {
        Right::Read => true,
        Right::SubmitJobs | Right::ChangeOwnJobs | Right::AnswerOwnJobs => {
            matches!(role, Role::Owner | Role::Admin | Role::Member)
        }
        Right::ChangeEveryJob | Right::AnswerEveryJob => matches!(role, Role::Owner | Role::Admin),
    }
}

/// Refuses with words for a person unless `role` includes `right`.
pub(crate) fn require(role: Role, right: Right) -> ApiResult<()> {
    if includes(role, right) {
        return Ok(());
    }
    let what = match right {
        Right::Read => "see this",
        Right::SubmitJobs => "submit jobs",
        Right::ChangeOwnJobs | Right::ChangeEveryJob => "change this job",
        Right::AnswerOwnJobs | Right::AnswerEveryJob => "answer for this job",
    };
    Err(ApiError::new(
        ErrorCode::Forbidden,
        format!("Your role in this workspace does not let you {what}."),
    )
    .hint("Ask an admin of the workspace for another role."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Right; 6] = [
        Right::Read,
        Right::SubmitJobs,
        Right::ChangeOwnJobs,
        Right::ChangeEveryJob,
        Right::AnswerOwnJobs,
        Right::AnswerEveryJob,
    ];

    #[test]
    fn a_higher_role_never_has_fewer_rights() {
        let roles = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
        for pair in roles.windows(2) {
            for right in ALL {
                assert!(
                    !includes(pair[0], right) || includes(pair[1], right),
                    "{right:?}"
                );
            }
        }
    }

    #[test]
    fn a_viewer_only_reads() {
        for right in ALL {
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
