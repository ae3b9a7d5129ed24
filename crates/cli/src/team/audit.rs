//! `coord audit`

use std::path::Path;

use futures::TryStreamExt as _;
use protocol::api::{AuditEntry, AuditPage};
use tokio::io::AsyncWriteExt as _;

use crate::{
    arguments::Audit,
    client::{Client, unreachable},
    context::Context,
    exit::{Done, Failure},
    format,
    output::Table,
};

/// Most lines that are asked for at once.
const PAGE_MAX: u32 = 200;

/// Shows what was done in a workspace, or writes all of it into a file.
pub(crate) async fn run(context: &Context, arguments: Audit) -> Done {
    let client = Client::signed_in(context, arguments.at.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.at.workspace.as_deref()).await?;
    if let Some(file) = &arguments.export {
        export(&client, &workspace, file).await?;
        return context
            .output
            .result(file, || format!("Written: {}", file.display()));
    }
    let page = collect(&client, &workspace, &arguments).await?;
    let more = page.next.is_some();
    let done = context.output.result(&page, || table(&page.entries))?;
    if more {
        context
            .output
            .message("There is more; ask for it with --limit, or take all with --export.");
    }
    Ok(done)
}

async fn collect(
    client: &Client,
    workspace: &str,
    arguments: &Audit,
) -> Result<AuditPage, Failure> {
    let mut query = Vec::new();
    query.extend(
        arguments
            .action
            .iter()
            .map(|action| ("action", action.clone())),
    );
    if let Some(actor) = &arguments.actor {
        let member = client.member(workspace, actor).await?;
        query.push(("actor", member.person.id.to_string()));
    }
    let mut all = AuditPage {
        entries: Vec::new(),
        next: None,
    };
    let mut wanted = arguments.limit;
    while wanted > 0 {
        let mut asked = query.clone();
        asked.push(("limit", wanted.min(PAGE_MAX).to_string()));
        asked.extend(all.next.iter().map(|before| ("before", before.to_string())));
        let page = client.audit(workspace, &asked).await?;
        wanted = wanted.saturating_sub(u32::try_from(page.entries.len()).unwrap_or(u32::MAX));
        all.entries.extend(page.entries);
        all.next = page.next;
        if all.next.is_none() {
            break;
        }
    }
    Ok(all)
}

async fn export(client: &Client, workspace: &str, file: &Path) -> Result<(), Failure> {
    let json = file.extension().is_some_and(|ending| ending == "ndjson");
    let form = if json { "audit.ndjson" } else { "audit.csv" };
    let mut stream = client
        .audit_export(workspace, form)
        .await?
        .bytes_stream()
        .map_err(|error| unreachable(client.server(), &error));
    let failed = |error: std::io::Error| {
        Failure::plain(format!("{} cannot be written: {error}", file.display()))
    };
    let mut out = tokio::fs::File::create(file).await.map_err(failed)?;
    while let Some(bytes) = stream.try_next().await? {
        out.write_all(&bytes).await.map_err(failed)?;
    }
    out.flush().await.map_err(failed)
}

fn table(entries: &[AuditEntry]) -> String {
    let mut table = Table::new(&["WHEN", "WHO", "WHAT", "TO", "DETAILS"]);
    for entry in entries {
        let details: Vec<_> = entry
            .details
            .iter()
            .map(|detail| format!("{}={}", detail.name, detail.value))
            .collect();
        let actor = entry.actor.as_ref();
        table.row(vec![
            format::clock(entry.at),
            actor.map_or_else(
                || "coordinator".to_owned(),
                |actor| format::short(&actor.email, 32),
            ),
            format::printable(&entry.action),
            format::short(&entry.subject, 32),
            format::short(&details.join(" "), 60),
        ]);
    }
    table.or("Nothing was done yet.")
}
