//! The audit log: who did what, from where.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{api::account::PersonRef, ids::AuditId, time::Timestamp};

/// Where somebody acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
// An answer's surface is another schema.
#[schema(as = AuditSurface)]
pub enum Surface {
    /// In a browser.
    Web,
    /// With the command line.
    CommandLine,
    /// With a token for scripts.
    ApiToken,
    /// At the machine of a runner.
    Runner,
    /// The coordinator by itself.
    System,
}

/// One line of the audit log; lines are added and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Which.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who; nobody when the coordinator acted by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<PersonRef>,
    /// Where.
    pub surface: Surface,
    /// The network address from which it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was done: `member.role_changed`, `runner.shared`, …
    pub action: String,
    /// To what, by kind: `member`, `runner`, `job`, …
    pub subject_kind: String,
    /// To what, by id.
    pub subject_id: String,
    /// To what, by the name that it had.
    pub subject: String,
    /// What else is worth knowing, such as the values before and after.
    pub details: Vec<AuditDetail>,
}

/// Something worth knowing of an audited action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditDetail {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A page of the audit log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The lines.
    pub entries: Vec<AuditEntry>,
    /// Ask for the next page with `before` set to this; none when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<AuditId>,
}
