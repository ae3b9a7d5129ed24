//! Who may do what with a member: the two roles, and whether it is oneself.

use protocol::{api::Role, error::ErrorCode};

use super::{Right, includes};
use crate::error::{ApiError, ApiResult};

/// Something that may be done with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum MemberAction {
    /// Give them another role.
    ChangeRole,
    /// Take them out of the workspace.
    Remove,
}

impl MemberAction {
    /// Every action, in the order of the table in the documents.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 2] = [Self::ChangeRole, Self::Remove];

    /// What it is, for a person.
    #[cfg(test)]
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::ChangeRole => "give a member another role",
            Self::Remove => "take a member out",
        }
    }
}

/// Whether somebody with the role `reader` may do it with a member whose role is `member`.
pub(crate) fn allows(reader: Role, member: Role, is_self: bool, action: MemberAction) -> bool {
    match action {
        // The owner's role is transferred, and oneself leaves.
        MemberAction::ChangeRole | MemberAction::Remove => {
            includes(reader, Right::ManageMembers) && member != Role::Owner && !is_self
        }
    }
}

/// Refuses with words for a person unless it is allowed.
pub(crate) fn require(
    reader: Role,
    member: Role,
    is_self: bool,
    action: MemberAction,
) -> ApiResult<()> {
    super::require(reader, Right::ManageMembers)?;
    if allows(reader, member, is_self, action) {
        return Ok(());
    }
    let refused = |message: &str| ApiError::new(ErrorCode::Forbidden, message);
    Err(if is_self {
        refused("You cannot do this to yourself.")
            .hint("Ask another admin, or leave the workspace.")
    } else {
        refused("The owner's place in the workspace cannot be changed by others.")
            .hint("The owner can give the workspace to another member.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owner_and_admins_change_others_and_never_the_owner_or_themselves() {
        for reader in Role::ALL {
            for member in Role::ALL {
                for action in MemberAction::ALL {
                    let manages = matches!(reader, Role::Owner | Role::Admin);
                    let expected = manages && member != Role::Owner;
                    assert_eq!(allows(reader, member, false, action), expected);
                    assert_eq!(require(reader, member, false, action).is_ok(), expected);
                    assert!(!allows(reader, member, true, action));
                    assert!(require(reader, member, true, action).is_err());
                }
            }
        }
    }
}
