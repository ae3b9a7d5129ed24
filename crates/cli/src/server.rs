//! `coord server`: the coordinator.

mod backup;
mod bootstrap;
mod reset_password;
mod signals;

use std::path::PathBuf;

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
    match arguments.command {
        Some(ServerCommand::Bootstrap(arguments)) => {
            runtime::interruptible(context, bootstrap::run(context, arguments))
        }
        Some(ServerCommand::Backup(arguments)) => {
            runtime::interruptible(context, backup::back_up(context, arguments))
        }
        Some(ServerCommand::Restore(arguments)) => {
            runtime::interruptible(context, backup::restore(context, arguments))
        }
        Some(ServerCommand::Copy(arguments)) => {
            runtime::interruptible(context, backup::copy(context, arguments))
        }
        Some(ServerCommand::ResetPassword(arguments)) => {
            runtime::interruptible(context, reset_password::run(context, arguments))
        }
        None => {
            let mut serving = arguments.serve;
            let Some(data) = serving.data.take() else {
                return Err(Failure::new(Exit::Usage, "no data directory is named")
                    .hint("Name it with --data DIR or COORD_DATA."));
            };
            tracing_setup::start(context);
            runtime::server()?.block_on(serve(context, data, serving))
        }
    }
}

/// Serves until a signal comes, then lets what is under way finish.
async fn serve(context: &Context, data: PathBuf, arguments: Serve) -> Done {
    let signals = signals::Signals::listen()?;
    let mut options = Options::new(data, arguments.listen);
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
