//! `coord workspace`, `member`, `invite`, `token` and `audit`.

pub(crate) mod audit;
pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod token;
pub(crate) mod workspace;

use protocol::api::Role;

/// A role, as people read it.
const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Member => "member",
        Role::Viewer => "viewer",
    }
}
