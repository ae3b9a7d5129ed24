//! `coord member`

use protocol::api::MemberView;

use super::role_word;
use crate::{
    arguments::{MemberArguments, MemberCommand},
    client::Client,
    context::Context,
    exit::Done,
    format,
    output::Table,
};

/// Does what was asked.
pub(crate) async fn run(context: &Context, arguments: MemberArguments) -> Done {
    let client = Client::signed_in(context, arguments.at.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.at.workspace.as_deref()).await?;
    match arguments.command {
        MemberCommand::List => {
            let list = client.members(&workspace).await?;
            context.output.result(&list, || table(&list.members))
        }
        MemberCommand::Role { member, role } => {
            let member = client.member(&workspace, &member).await?;
            let role = role.into();
            client
                .change_role(&workspace, member.person.id, role)
                .await?;
            context.output.result(&member.person, || {
                format!(
                    "{} is now: {}.",
                    format::printable(&member.person.name),
                    role_word(role)
                )
            })
        }
        MemberCommand::Remove { member } => {
            let member = client.member(&workspace, &member).await?;
            client.remove_member(&workspace, member.person.id).await?;
            context.output.result(&member.person, || {
                format!(
                    "{} is no longer a member, and brings no runner here.",
                    format::printable(&member.person.name)
                )
            })
        }
    }
}

fn table(members: &[MemberView]) -> String {
    let now = format::now();
    let mut table = Table::new(&["NAME", "E-MAIL", "ROLE", "RUNNERS", "JOINED"]);
    for member in members {
        table.row(vec![
            format::short(&member.person.name, 30),
            format::short(&member.person.email, 40),
            role_word(member.role).to_owned(),
            member.runners.to_string(),
            format::ago(member.joined_at, now),
        ]);
    }
    table.or("No members.")
}
