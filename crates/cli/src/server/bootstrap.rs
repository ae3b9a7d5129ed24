//! `coord server bootstrap`: the first owner and the first workspace.

use coordinator::{BootstrapError, BootstrapOptions};
use serde_json::json;

use crate::{
    arguments::Bootstrap,
    context::Context,
    exit::{Done, Exit, Failure},
    login,
};

/// Makes them; a second time changes nothing and is an error.
pub(super) async fn run(context: &Context, arguments: Bootstrap) -> Done {
    let password = login::password_from(&arguments.password_file)?;
    let mut options = BootstrapOptions::new(
        arguments.data,
        &arguments.email,
        &password,
        &arguments.workspace,
    );
    options.database = arguments.database;
    let made = coordinator::bootstrap(options).await.map_err(failure)?;
    let result = json!({"account": made.account, "workspace": made.workspace});
    context.output.result(&result, || {
        format!(
            "{} owns this coordinator and the workspace {} (`{}`).\nNext: coord server --data DIR, then sign in there.",
            made.account.email, made.workspace.name, made.workspace.slug
        )
    })
}

fn failure(error: BootstrapError) -> Failure {
    match error {
        BootstrapError::AlreadyBootstrapped => Failure::new(Exit::Conflict, error.to_string()),
        other => anyhow::Error::from(other).into(),
    }
}
