//! `coord token`

use protocol::api::{ApiTokenView, NewApiToken, TokenScope};

use crate::{
    answers::pick,
    arguments::{TokenArguments, TokenCommand},
    client::Client,
    context::Context,
    exit::Done,
    format,
    output::Table,
};

/// Does what was asked.
pub(crate) async fn run(context: &Context, arguments: TokenArguments) -> Done {
    let client = Client::signed_in(context, arguments.remote.server.as_deref()).await?;
    match arguments.command {
        TokenCommand::Create {
            name,
            scopes,
            workspace,
            days,
        } => {
            let workspace_id = match workspace {
                Some(workspace) => Some(client.workspace_meant(Some(&workspace)).await?.id),
                None => None,
            };
            let new = NewApiToken {
                name,
                scopes: scopes.into_iter().map(Into::into).collect(),
                workspace_id,
                expires_in_days: days,
            };
            let made = client.create_token(&new).await?;
            context
                .output
                .message("The token is shown this once; keep it where secrets are kept.");
            context.output.result(&made, || made.token.clone())
        }
        TokenCommand::List => {
            let list = client.tokens().await?;
            context.output.result(&list, || table(&list.tokens))
        }
        TokenCommand::Revoke { id } => {
            let known = client.tokens().await?.tokens;
            let token = pick(&known, |view| view.id, &id, "token")?;
            client.revoke_token(token.id).await?;
            context.output.result(token, || {
                format!("Ended: {}", format::printable(&token.name))
            })
        }
    }
}

const fn scope_word(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "read",
        TokenScope::Jobs => "jobs",
        TokenScope::Runners => "runners",
        TokenScope::Members => "members",
    }
}

fn table(tokens: &[ApiTokenView]) -> String {
    let now = format::now();
    let mut table = Table::new(&[
        "ID",
        "NAME",
        "TOKEN",
        "SCOPES",
        "WORKSPACE",
        "ENDS",
        "LAST USED",
    ]);
    for token in tokens {
        let scopes: Vec<_> = token.scopes.iter().copied().map(scope_word).collect();
        let workspace = token.workspace.as_ref();
        table.row(vec![
            token.id.to_string(),
            format::short(&token.name, 30),
            format!("{}…", format::printable(&token.prefix)),
            scopes.join(","),
            workspace.map_or_else(|| "all".to_owned(), |workspace| workspace.slug.clone()),
            format::clock(token.expires_at),
            token
                .last_used_at
                .map_or_else(|| "never".to_owned(), |at| format::ago(at, now)),
        ]);
    }
    table.or("No tokens. Make one with `coord token create NAME --scope read`.")
}
