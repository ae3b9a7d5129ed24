//! The audit log: who did what, from where.
//!
//! A line is written in the transaction of the change that it tells of, so that
//! there is never one without the other. Lines are added and never changed.

mod read;

use protocol::{
    api::{AuditDetail, PersonRef, Surface},
    ids::{AccountId, AuditId, WorkspaceId},
    time::Timestamp,
};
use uuid::Uuid;

pub use read::{AuditFilter, AuditLog};

use crate::{
    Result, Store,
    engine::{Conn, Value, sql},
};

/// Who acts, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who; nobody when the coordinator acts by itself.
    pub person: Option<PersonRef>,
    /// Where.
    pub surface: Surface,
    /// The network address from which it is done.
    pub address: Option<String>,
}

impl Actor {
    /// The coordinator by itself.
    pub const fn system() -> Self {
        Self {
            person: None,
            surface: Surface::System,
            address: None,
        }
    }

    /// Their name, as others are told of it.
    pub fn name(&self) -> &str {
        let person = self.person.as_ref();
        person.map_or("The coordinator", |person| person.name.as_str())
    }
}

/// What an action was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    kind: &'static str,
    id: String,
    name: String,
}

impl Subject {
    /// A subject by its kind (`member`, `runner`, `job`), its id, and the name that it has now.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids and words are given as they are at hand"
    )]
    pub fn new(kind: &'static str, id: impl ToString, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name: name.into(),
        }
    }
}

/// A line of the audit log, to be written with the change that it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    actor: Actor,
    log: AuditLog,
    action: &'static str,
    subject: Subject,
    details: Vec<AuditDetail>,
}

impl Audit {
    /// A line in the log of a workspace: `member.role_changed`, `runner.shared`, ….
    pub fn in_workspace(
        workspace_id: WorkspaceId,
        actor: Actor,
        action: &'static str,
        subject: Subject,
    ) -> Self {
        Self::new(AuditLog::Workspace(workspace_id), actor, action, subject)
    }

    /// A line in the log of an account, about what belongs to no workspace.
    pub fn of_account(
        account_id: AccountId,
        actor: Actor,
        action: &'static str,
        subject: Subject,
    ) -> Self {
        Self::new(AuditLog::Account(account_id), actor, action, subject)
    }

    const fn new(log: AuditLog, actor: Actor, action: &'static str, subject: Subject) -> Self {
        Self {
            actor,
            log,
            action,
            subject,
            details: Vec::new(),
        }
    }

    /// Adds what else is worth knowing; never a secret.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids and words are given as they are at hand"
    )]
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.details.push(AuditDetail {
            name: name.to_owned(),
            value: value.to_string(),
        });
        self
    }

    /// Who acts.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}

impl Store {
    /// Writes a line about something that changes nothing else, such as an export.
    pub async fn audit(&self, line: Audit, now: Timestamp) -> Result<()> {
        self.write((line, now), |tx, (line, now)| {
            Box::pin(write(tx, line, *now))
        })
        .await
    }
}

/// Writes a line in the transaction of the change that it tells of.
pub(crate) async fn write(tx: &mut Conn, line: &Audit, now: Timestamp) -> Result<()> {
    let (workspace_id, account_id) = line.log.columns();
    let person = line.actor.person.as_ref();
    tx.run(sql!(
        "INSERT INTO audit
         (id, workspace_id, account_id, at, actor_id, actor_name, actor_email, surface, address,
          action, subject_kind, subject_id, subject, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        AuditId(Uuid::now_v7()),
        workspace_id,
        account_id,
        now,
        person.map(|person| person.id),
        person.map(|person| person.name.clone()),
        person.map(|person| person.email.clone()),
        Value::word(&line.actor.surface),
        line.actor.address.as_deref(),
        line.action,
        line.subject.kind,
        &line.subject.id,
        &line.subject.name,
        Value::json(&line.details)
    ))
    .await?;
    Ok(())
}
