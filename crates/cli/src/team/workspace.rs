//! `coord workspace`

use protocol::api::{NewWorkspace, Transfer, Workspace, WorkspaceDelete, WorkspaceUpdate};

use super::role_word;
use crate::{
    arguments::{WorkspaceArguments, WorkspaceCommand},
    client::Client,
    context::Context,
    exit::{Done, Exit, Failure},
    format,
    output::Table,
};

/// Does what was asked.
pub(crate) async fn run(context: &Context, arguments: WorkspaceArguments) -> Done {
    let client = Client::signed_in(context, arguments.at.remote.server.as_deref()).await?;
    let named = arguments.at.workspace.as_deref();
    match arguments.command {
        WorkspaceCommand::List => {
            let workspaces = client.me().await?.workspaces;
            context.output.result(&workspaces, || table(&workspaces))
        }
        WorkspaceCommand::Create { name, slug } => {
            let made = client
                .create_workspace(&NewWorkspace { name, slug })
                .await?;
            context.output.result(&made, || {
                format!(
                    "Made {}. Invite people with `coord invite send -w {} E-MAIL`.",
                    format::printable(&made.name),
                    made.slug
                )
            })
        }
        WorkspaceCommand::Rename { name, slug } => {
            let workspace = client.workspace(named).await?;
            let update = WorkspaceUpdate {
                name: Some(name),
                slug,
                house_rules: None,
            };
            let now = client.update_workspace(&workspace, &update).await?;
            context.output.result(&now, || {
                format!("It is called {} now.", format::printable(&now.name))
            })
        }
        WorkspaceCommand::Transfer { member } => {
            let workspace = client.workspace(named).await?;
            let member = client.member(&workspace, &member).await?;
            let to = Transfer {
                account_id: member.person.id,
            };
            client.transfer(&workspace, &to).await?;
            context.output.result(&member.person, || {
                format!(
                    "{} owns the workspace now; you are an admin of it.",
                    format::printable(&member.person.name)
                )
            })
        }
        WorkspaceCommand::Leave { confirm } => {
            let workspace = client.workspace(named).await?;
            if confirm != workspace {
                return Err(not_confirmed(&workspace));
            }
            client.leave(&workspace).await?;
            context
                .output
                .result(&workspace, || format!("You have left {workspace}."))
        }
        WorkspaceCommand::Delete { confirm } => {
            let workspace = client.workspace(named).await?;
            let name = WorkspaceDelete { name: confirm };
            client.delete_workspace(&workspace, &name).await?;
            context
                .output
                .result(&workspace, || format!("{workspace} is deleted."))
        }
    }
}

fn not_confirmed(workspace: &str) -> Failure {
    Failure::new(Exit::Usage, "the name that confirms it is another one")
        .hint(format!("Say --confirm {workspace} to leave it."))
}

fn table(workspaces: &[Workspace]) -> String {
    let mut table = Table::new(&["NAME", "ADDRESS", "ROLE"]);
    for workspace in workspaces {
        table.row(vec![
            format::short(&workspace.name, 40),
            workspace.slug.clone(),
            role_word(workspace.role).to_owned(),
        ]);
    }
    table.or("No workspaces. Make one with `coord workspace create NAME`.")
}
