//! `coord runner`: this machine's service.

mod agents;
mod approvals;
mod client;
mod history;
mod login;
mod logs;
mod permission;
mod questions;
mod rules;
mod sharing;
mod space;
mod start;
mod status;
mod switch;

use std::path::Path;

use crate::{
    arguments::{RunnerArguments, RunnerCommand},
    context::{self, Context},
    exit::Done,
    runtime,
};

/// Calls the function behind the verb.
pub(crate) fn run(context: &Context, arguments: RunnerArguments) -> Done {
    let data = context::runner_data(arguments.data.as_deref())?;
    match arguments.command {
        RunnerCommand::Start(arguments) => start::run(context, &data, arguments),
        command => runtime::interruptible(context, ask(context, &data, command)),
    }
}

/// The verbs that talk to a service that runs.
async fn ask(context: &Context, data: &Path, command: RunnerCommand) -> Done {
    match command {
        RunnerCommand::Start(arguments) => start::run(context, data, arguments),
        RunnerCommand::Status => status::run(context, data).await,
        RunnerCommand::Login => login::run(context, data).await,
        RunnerCommand::Logout => switch::logout(context, data).await,
        RunnerCommand::Moved => switch::moved(context, data).await,
        RunnerCommand::Stop(arguments) => switch::stop(context, data, &arguments).await,
        RunnerCommand::Pause(arguments) => switch::pause(context, data, arguments).await,
        RunnerCommand::Resume => switch::resume(context, data).await,
        RunnerCommand::Sharing(arguments) => sharing::run(context, data, arguments).await,
        RunnerCommand::Permission(arguments) => permission::run(context, data, arguments).await,
        RunnerCommand::Space(arguments) => space::run(context, data, arguments).await,
        RunnerCommand::Agents(arguments) => agents::run(context, data, arguments).await,
        RunnerCommand::Approvals(arguments) => approvals::run(context, data, arguments).await,
        RunnerCommand::Questions(arguments) => questions::run(context, data, arguments).await,
        RunnerCommand::Rules(arguments) => rules::run(context, data, arguments).await,
        RunnerCommand::Logs(arguments) => logs::run(context, data, arguments).await,
        RunnerCommand::History(arguments) => history::run(context, data, &arguments).await,
    }
}

/// How the service does, in one line.
pub(crate) async fn one_line(data: &Path) -> String {
    match client::state(data).await {
        Ok(Some(state)) => status::summary(&state),
        Ok(None) => "the runner service is not running; `coord runner start` starts it".to_owned(),
        Err(failure) => failure.to_string(),
    }
}
