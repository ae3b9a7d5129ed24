//! `coord worker`: owns one attempt; started by the runner's service alone.

use std::process::ExitCode;

use crate::{
    arguments::Worker,
    context::Context,
    exit::{Done, Exit, Failure},
    tracing_setup,
};

/// Works on the attempt whose record is in a directory, to its end.
pub(crate) fn run(context: &Context, arguments: &Worker) -> Done {
    tracing_setup::start(context);
    if ::runner::worker::main(arguments.attempt.as_deref()) == ExitCode::SUCCESS {
        Ok(Exit::Ok)
    } else {
        // What went wrong stands in its log already.
        Err(Failure::silent(Exit::Failure))
    }
}
