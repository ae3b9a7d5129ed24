//! Who may do what with a job: the role in the workspace, and the part in the job's team.
//!
//! Only members of the workspace are in a team, and a viewer of the workspace reads,
//! whatever the team says. The submitter leads.

use protocol::api::{Role, TeamRole};

use crate::{
    error::{ApiError, ApiResult},
    rights::forbidden,
};

/// Something that may be done with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum JobAction {
    /// See it, its record and its results.
    Read,
    /// Change it, its target and its priority.
    Edit,
    /// Add files to it.
    Attach,
    /// Say who works on it.
    ChangeTeam,
    /// Make it Ready, take it back to Backlog, or have one more attempt at it.
    Start,
    /// Answer its approvals and questions.
    Answer,
    /// Call it off.
    Cancel,
}

impl JobAction {
    /// Every action, in the order of the table in the documents.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 7] = [
        Self::Read,
        Self::Edit,
        Self::Attach,
        Self::ChangeTeam,
        Self::Start,
        Self::Answer,
        Self::Cancel,
    ];

    /// What it is, for a person: completes "does not let you …".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Read => "see this job",
            Self::Edit => "change this job",
            Self::Attach => "attach files to this job",
            Self::ChangeTeam => "change this job's team",
            Self::Start => "start this job",
            Self::Answer => "answer for this job",
            Self::Cancel => "cancel this job",
        }
    }
}

/// Whether somebody with this role, and this part in the job's team, may do it.
pub(crate) const fn allows(role: Role, part: Option<TeamRole>, action: JobAction) -> bool {
    let acting = match (role, part) {
        (Role::Viewer, _) | (Role::Member, None) => TeamRole::Viewer,
        (Role::Owner | Role::Admin, _) => TeamRole::Lead,
        (Role::Member, Some(part)) => part,
    };
    match action {
        JobAction::Read => true,
        JobAction::Attach | JobAction::Start | JobAction::Answer => {
            matches!(acting, TeamRole::Lead | TeamRole::Editor)
        }
        JobAction::Edit | JobAction::ChangeTeam | JobAction::Cancel => {
            matches!(acting, TeamRole::Lead)
        }
    }
}

/// Refuses with words for a person unless it is allowed.
pub(crate) fn require(role: Role, part: Option<TeamRole>, action: JobAction) -> ApiResult<()> {
    if allows(role, part, action) {
        return Ok(());
    }
    Err(refusal(role, action))
}

fn refusal(role: Role, action: JobAction) -> ApiError {
    let words = action.words();
    match role {
        Role::Viewer => forbidden(&format!(
            "Your role in this workspace does not let you {words}."
        ))
        .hint("Ask an admin of the workspace for another role."),
        Role::Owner | Role::Admin | Role::Member => {
            forbidden(&format!("Your part in this job does not let you {words}."))
                .hint("Ask whoever leads the job to give you another part in its team.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [Option<TeamRole>; 4] = [
        None,
        Some(TeamRole::Viewer),
        Some(TeamRole::Editor),
        Some(TeamRole::Lead),
    ];

    #[test]
    fn a_member_may_do_what_their_part_says() {
        use JobAction::{Answer, Attach, Cancel, ChangeTeam, Edit, Read, Start};
        for (part, allowed) in [
            (None, &[Read][..]),
            (Some(TeamRole::Viewer), &[Read]),
            (Some(TeamRole::Editor), &[Read, Attach, Start, Answer]),
            (
                Some(TeamRole::Lead),
                &[Read, Edit, Attach, ChangeTeam, Start, Answer, Cancel],
            ),
        ] {
            for action in JobAction::ALL {
                assert_eq!(
                    allows(Role::Member, part, action),
                    allowed.contains(&action),
                    "{part:?} {action:?}"
                );
            }
        }
    }

    #[test]
    fn a_viewer_of_the_workspace_reads_and_an_admin_leads_whatever_the_team_says() {
        for part in PARTS {
            for action in JobAction::ALL {
                assert_eq!(
                    allows(Role::Viewer, part, action),
                    action == JobAction::Read
                );
                assert!(allows(Role::Admin, part, action));
                assert!(allows(Role::Owner, part, action));
                assert_eq!(
                    require(Role::Viewer, part, action).is_ok(),
                    action == JobAction::Read
                );
            }
        }
    }
}
