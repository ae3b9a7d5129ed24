//! The audit log of a workspace: page by page, and whole as a file.

use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use protocol::{
    api::{AuditEntry, AuditPage},
    ids::{AuditId, WorkspaceId},
};
use store::{Audit, AuditFilter, AuditLog, Subject};

use crate::{
    app::App,
    auth::{Membership, Person},
    error::ApiResult,
    rights::Right,
};

/// Lines that are read at once for a file.
const LINES_AT_ONCE: u32 = 500;

/// The form of an exported log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Export {
    /// Values with commas, a line of names first.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// A page of the log, newest first.
pub(crate) async fn page(
    app: &App,
    reader: &Membership,
    filter: AuditFilter,
) -> ApiResult<AuditPage> {
    reader.require(Right::ReadAudit)?;
    let log = AuditLog::Workspace(reader.0.workspace.id);
    Ok(app.store.audit_page(log, filter).await?)
}

/// The whole log, read page by page while it is sent; that it was exported stands in it, too.
pub(crate) async fn export(
    app: &App,
    person: &Person,
    reader: &Membership,
    filter: AuditFilter,
    form: Export,
) -> ApiResult<axum::body::Body> {
    reader.require(Right::ReadAudit)?;
    let workspace = &reader.0.workspace;
    let subject = Subject::new("workspace", workspace.id, &workspace.name);
    let line = Audit::in_workspace(workspace.id, person.actor(), "audit.exported", subject)
        .detail("format", form.word());
    app.store.audit(line, app.now()).await?;
    let lines = lines(app.clone(), workspace.id, filter, form);
    Ok(axum::body::Body::from_stream(lines))
}

/// Where the file is.
enum At {
    Beginning,
    Before(Option<AuditId>),
    End,
}

fn lines(
    app: App,
    workspace: WorkspaceId,
    filter: AuditFilter,
    form: Export,
) -> impl Stream<Item = Result<Bytes, Broken>> {
    stream::try_unfold(At::Beginning, move |at| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let before = match at {
                At::Beginning => {
                    let head = Bytes::from_static(form.head().as_bytes());
                    return Ok(Some((head, At::Before(filter.before))));
                }
                At::Before(before) => before,
                At::End => return Ok(None),
            };
            let filter = AuditFilter {
                before,
                limit: LINES_AT_ONCE,
                ..filter
            };
            let log = AuditLog::Workspace(workspace);
            let page = app.store.audit_page(log, filter).await?;
            let mut text = String::new();
            for entry in &page.entries {
                form.write(entry, &mut text)?;
            }
            let next = page.next.map_or(At::End, |id| At::Before(Some(id)));
            Ok(Some((Bytes::from(text), next)))
        }
    })
    .inspect_err(|error: &Broken| {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "an audit log could not be sent whole"
        );
    })
}

/// Why a file breaks off.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the audit log cannot be read")]
    Store(#[from] store::Error),
    #[error("a line of the audit log cannot be written")]
    Line(#[from] serde_json::Error),
}

impl Export {
    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    const fn head(self) -> &'static str {
        match self {
            Self::Csv => {
                "at,actor,actor_email,surface,address,action,subject_kind,subject_id,subject,details,id\r\n"
            }
            Self::Ndjson => "",
        }
    }

    fn write(self, entry: &AuditEntry, text: &mut String) -> Result<(), serde_json::Error> {
        match self {
            Self::Ndjson => {
                text.push_str(&serde_json::to_string(entry)?);
                text.push('\n');
            }
            Self::Csv => {
                let surface = serde_json::to_value(entry.surface)?;
                let details: Vec<_> = entry
                    .details
                    .iter()
                    .map(|detail| format!("{}: {}", detail.name, detail.value))
                    .collect();
                let actor = entry.actor.as_ref();
                let values = [
                    entry.at.to_iso8601(),
                    actor.map_or_else(String::new, |actor| actor.name.clone()),
                    actor.map_or_else(String::new, |actor| actor.email.clone()),
                    surface.as_str().unwrap_or_default().to_owned(),
                    entry.address.clone().unwrap_or_default(),
                    entry.action.clone(),
                    entry.subject_kind.clone(),
                    entry.subject_id.clone(),
                    entry.subject.clone(),
                    details.join("; "),
                    entry.id.to_string(),
                ];
                let cells: Vec<_> = values.iter().map(|value| cell(value)).collect();
                text.push_str(&cells.join(","));
                text.push_str("\r\n");
            }
        }
        Ok(())
    }
}

/// One value, quoted where it has to be.
///
/// What a spreadsheet would carry out as a formula gets an apostrophe in front:
/// names are chosen by people, and the file is opened by an admin.
fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if value.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", value.replace('"', "\"\""));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_formulas_stay_words() {
        assert_eq!(cell("box"), "box");
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("@x,y"), "\"'@x,y\"");
    }
}
