//! `coord job`: the verbs on jobs.

mod artifacts;
mod cancel;
mod list;
mod logs;
mod retry;
mod show;
mod submit;
mod target;
mod text;
mod wait;

use crate::{
    arguments::{JobArguments, JobCommand},
    context::Context,
    exit::Done,
};

/// Calls the function behind the verb.
pub(crate) async fn run(context: &Context, arguments: JobArguments) -> Done {
    match arguments.command {
        JobCommand::Submit(arguments) => submit::run(context, arguments).await,
        JobCommand::List(arguments) => list::run(context, arguments).await,
        JobCommand::Show(arguments) => show::run(context, arguments).await,
        JobCommand::Logs(arguments) => logs::run(context, arguments).await,
        JobCommand::Wait(arguments) => wait::run(context, arguments).await,
        JobCommand::Cancel(arguments) => cancel::run(context, arguments).await,
        JobCommand::Retry(arguments) => retry::run(context, arguments).await,
        JobCommand::Artifacts(arguments) => artifacts::run(context, arguments).await,
    }
}
