//! Which tables there are, in an order in which none refers to a later one.

/// A table with the columns of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static [&'static str],
}

macro_rules! tables {
    ($($name:literal: [$($key:literal),*],)*) => {
        /// Every table.
        pub(super) const ALL: &[Table] = &[$(Table { name: $name, key: &[$($key),*] }),*];
    };
}

tables! {
    "accounts": ["id"],
    "workspaces": ["id"],
    "members": ["workspace_id", "account_id"],
    "instance": ["id"],
    "sessions": ["id"],
    "grants": ["id"],
    "tokens": ["hash"],
    "device_codes": ["device_hash"],
    "reset_links": ["token_hash"],
    "api_tokens": ["id"],
    "identities": ["issuer", "subject"],
    "provider_sign_ins": ["browser_hash"],
    "coordinator_alive": ["id"],
    "runners": ["id"],
    "runner_places": ["runner_id", "workspace_id"],
    "runner_moments": ["id"],
    "setup_tokens": ["id"],
    "jobs": ["id"],
    "submissions": ["account_id", "month"],
    "job_team": ["job_id", "account_id"],
    "runner_refusals": ["runner_id", "job_id"],
    "attempts": ["id"],
    "events": ["attempt_id", "n"],
    "log_entries": ["attempt_id", "n"],
    "sealed_logs": ["attempt_id", "first_n"],
    "approvals": ["id"],
    "approval_answers": ["approval_id"],
    "questions": ["id"],
    "question_answers": ["question_id"],
    "orders": ["id"],
    "attachments": ["id"],
    "parts": ["attempt_id", "sha256"],
    "artifacts": ["id"],
    "audit": ["id"],
    "invitations": ["id"],
    "notifications": ["id"],
    "notification_settings": ["account_id"],
}

/// The table of this name.
pub(super) fn of_name(name: &str) -> Option<Table> {
    ALL.iter().copied().find(|table| table.name == name)
}
