//! The `coord` command: coordinator, runner service, worker and command line.
//!
//! Every verb is a thin door: it decodes what was typed, calls one function,
//! and shows what came back. The result goes to standard output, everything
//! said beside it to standard error.
//!
//! Not here: any rule about jobs or runners (`lifecycle`, `runner`,
//! `coordinator`).

mod answers;
mod arguments;
mod client;
mod completions;
mod context;
mod demo;
mod exit;
mod fleet;
mod follow;
mod format;
mod hurry;
mod job;
mod login;
mod logins;
mod logout;
mod output;
mod runner;
mod runtime;
mod schema;
mod server;
mod team;
mod tracing_setup;
mod version;
mod welcome;
mod worker;

use std::{env, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::{
    arguments::{Arguments, Command},
    context::Context,
    exit::Done,
};

fn main() -> ExitCode {
    let typed: Vec<_> = env::args_os().collect();
    let arguments = hurry::arguments(&typed).unwrap_or_else(|| {
        let matches = arguments::styled(Arguments::command()).get_matches_from(&typed);
        match Arguments::from_arg_matches(&matches) {
            Ok(arguments) => arguments,
            Err(problem) => problem.exit(),
        }
    });
    // Two providers stand in the dependency tree, so none is taken by itself.
    // An error here only says that one is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let context = Context::new(arguments.common);
    exit::report(&context, run(&context, arguments.command))
}

/// Calls the function that stands behind the verb.
fn run(context: &Context, command: Option<Command>) -> Done {
    let Some(command) = command else {
        return welcome::run();
    };
    match command {
        Command::Server(arguments) => server::run(context, arguments),
        Command::Login(arguments) => {
            runtime::interruptible(context, login::run(context, arguments))
        }
        Command::Logout(arguments) => {
            runtime::interruptible(context, logout::run(context, arguments))
        }
        Command::Runner(arguments) => runner::run(context, arguments),
        Command::Job(arguments) => runtime::interruptible(context, job::run(context, arguments)),
        Command::Approvals(arguments) => {
            runtime::interruptible(context, answers::approvals::run(context, arguments))
        }
        Command::Questions(arguments) => {
            runtime::interruptible(context, answers::questions::run(context, arguments))
        }
        Command::Workspace(arguments) => {
            runtime::interruptible(context, team::workspace::run(context, arguments))
        }
        Command::Member(arguments) => {
            runtime::interruptible(context, team::member::run(context, arguments))
        }
        Command::Invite(arguments) => {
            runtime::interruptible(context, team::invitation::run(context, arguments))
        }
        Command::Runners(arguments) => {
            runtime::interruptible(context, fleet::run(context, arguments))
        }
        Command::Token(arguments) => {
            runtime::interruptible(context, team::token::run(context, arguments))
        }
        Command::Audit(arguments) => {
            runtime::interruptible(context, team::audit::run(context, arguments))
        }
        Command::DemoAgent(_) => demo::run(),
        Command::Worker(arguments) => worker::run(context, &arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Version => version::run(context),
    }
}
