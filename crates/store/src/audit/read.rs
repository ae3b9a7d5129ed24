//! Reading the audit log, newest first.

use protocol::{
    api::{AuditEntry, AuditPage, PersonRef},
    ids::{AccountId, AuditId, WorkspaceId},
};

use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// Most lines on one page.
const PAGE_LINES_MAX: u32 = 500;

/// Whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditLog {
    /// A workspace's.
    Workspace(WorkspaceId),
    /// An account's own.
    Account(AccountId),
}

/// Which lines of a log to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Done by this person.
    pub actor: Option<AccountId>,
    /// Of this action, or of all that begin with this word: `member` finds `member.removed`.
    pub action: Option<String>,
    /// Older than this line.
    pub before: Option<AuditId>,
    /// At most so many.
    pub limit: u32,
}

impl AuditLog {
    pub(super) const fn columns(self) -> (Option<WorkspaceId>, Option<AccountId>) {
        match self {
            Self::Workspace(id) => (Some(id), None),
            Self::Account(id) => (None, Some(id)),
        }
    }
}

impl Store {
    /// Lines of a log, newest first.
    pub async fn audit_page(&self, log: AuditLog, filter: AuditFilter) -> Result<AuditPage> {
        let limit = filter.limit.clamp(1, PAGE_LINES_MAX);
        let before = filter.before;
        let action = filter.action.as_deref().map(str::trim);
        let action = action.filter(|action| !action.is_empty());
        let beginning = action.map(|action| format!("{action}."));
        let statement = match log {
            AuditLog::Workspace(id) => sql!(
                "SELECT * FROM audit
                 WHERE workspace_id = $1 AND ($2 IS NULL OR id < $2)
                   AND ($3 IS NULL OR actor_id = $3)
                   AND ($4 IS NULL OR action = $4
                        OR SUBSTR(action, 1, LENGTH($5)) = $5)
                 ORDER BY id DESC LIMIT $6",
                id,
                before,
                filter.actor,
                action,
                beginning,
                limit + 1
            ),
            AuditLog::Account(id) => sql!(
                "SELECT * FROM audit
                 WHERE account_id = $1 AND ($2 IS NULL OR id < $2)
                   AND ($3 IS NULL OR actor_id = $3)
                   AND ($4 IS NULL OR action = $4
                        OR SUBSTR(action, 1, LENGTH($5)) = $5)
                 ORDER BY id DESC LIMIT $6",
                id,
                before,
                filter.actor,
                action,
                beginning,
                limit + 1
            ),
        };
        let rows = self.reader().await?.all(statement).await?;
        let more = rows.len() > limit as usize;
        let entries = rows
            .iter()
            .take(limit as usize)
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let next = entries.last().filter(|_| more).map(|entry| entry.id);
        Ok(AuditPage { entries, next })
    }
}

fn read(row: &Row) -> Result<AuditEntry> {
    let actor = row.text_option("actor_id")?.map(|_| {
        Ok::<_, crate::Error>(PersonRef {
            id: row.parsed("actor_id")?,
            name: row.text("actor_name")?,
            email: row.text("actor_email")?,
        })
    });
    Ok(AuditEntry {
        id: row.parsed("id")?,
        at: row.time("at")?,
        actor: actor.transpose()?,
        surface: row.word("surface")?,
        address: row.text_option("address")?,
        action: row.text("action")?,
        subject_kind: row.text("subject_kind")?,
        subject_id: row.text("subject_id")?,
        subject: row.text("subject")?,
        details: row.json("details")?,
    })
}
