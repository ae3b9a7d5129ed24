//! `coord server`: the coordinator.

mod backup;
mod bootstrap;
mod reset_password;
mod signals;

use coordinator::{Options, Server};
use serde_json::json;

use crate::{
    arguments::{Serve, ServerArguments, ServerCommand},
    context::Context,
    exit::{Done, Exit, Failure},
    runtime, tracing_setup,
};

/// Runs the coordinator, or the verb that was given.
pub(crate) fn run(context: &Context, arguments: ServerArguments) -> Done {
    match (arguments.command, arguments.serve) {
        (Some(ServerCommand::Bootstrap(arguments)), _) => {
            runtime::interruptible(context, bootstrap::run(context, arguments))
        }
        (Some(ServerCommand::Backup(arguments)), _) => {
            runtime::interruptible(context, backup::back_up(context, arguments))
        }
        (Some(ServerCommand::Restore(arguments)), _) => {
            runtime::interruptible(context, backup::restore(context, arguments))
        }
        (Some(ServerCommand::Copy(arguments)), _) => {
            runtime::interruptible(context, backup::copy(context, arguments))
        }
        (Some(ServerCommand::ResetPassword(arguments)), _) => {
            runtime::interruptible(context, reset_password::run(context, arguments))
        }
        (None, Some(arguments)) => {
            tracing_setup::start(context);
            runtime::server()?.block_on(serve(context, arguments))
        }
        (None, None) => Err(Failure::new(Exit::Usage, "no data directory is named")
            .hint("Name it with --data DIR or COORD_DATA.")),
    }
}

/// Serves until a signal comes, then lets what is under way finish.
async fn serve(context: &Context, arguments: Serve) -> Done {
    let signals = signals::Signals::listen()?;
    let mut options = Options::new(arguments.data, arguments.listen);
    options.database = arguments.database;
    options.public_url = arguments.public_url;
    let server = Server::start(options).await.map_err(anyhow::Error::from)?;
    let url = server.url().to_owned();
    context
        .output
        .result(&json!({"ready": true, "url": url}), || {
            format!("The coordinator is ready at {url}\nCtrl-C stops it.")
        })?;
    server
        .run_until(signals.asked_to_stop(context.output))
        .await;
    Ok(Exit::Ok)
}
