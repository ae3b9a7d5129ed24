//! How much an agent may do without asking, as it is written in the file.

use protocol::runner::PermissionLevel;

/// Every level with its name.
const NAMES: [(&str, PermissionLevel); 4] = [
    ("read_only", PermissionLevel::ReadOnly),
    ("ask", PermissionLevel::Ask),
    ("accept_edits", PermissionLevel::AcceptEdits),
    ("trusted", PermissionLevel::Trusted),
];
/// What may stand there.
pub(super) const CHOICES: &str = "\"read_only\", \"ask\", \"accept_edits\" or \"trusted\"";

/// The level of this name.
pub(super) fn named(name: &str) -> Option<PermissionLevel> {
    let mut names = NAMES.into_iter();
    names
        .find(|(known, _)| *known == name)
        .map(|(_, level)| level)
}

/// The name of a level.
pub(super) fn name_of(level: PermissionLevel) -> &'static str {
    let mut names = NAMES.into_iter();
    names
        .find(|(_, known)| *known == level)
        .map_or("ask", |(name, _)| name)
}
