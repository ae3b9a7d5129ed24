//! `cargo xtask`: builds, runs, tests and checks the project.
//!
//! Small on purpose, so that it is there in seconds on a fresh machine; what it
//! needs beside Rust and Node it installs, by name, and asks before.

mod bench;
mod build;
mod chaos;
mod check;
mod command;
mod generate;
mod package;
mod project;
mod run;
mod say;
mod test;
mod tools;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs, tests and checks the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the user interface and all binaries
    Build {
        /// Optimised, as it is shipped
        #[arg(long)]
        release: bool,
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
    },
    /// Run everything on this machine: coordinator, runner, a first job, the window
    Run {
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
        /// Keep the data here instead of in this user's data directory
        #[arg(long, value_name = "DIR")]
        data: Option<std::path::PathBuf>,
        /// End once the sample job is done
        #[arg(long)]
        once: bool,
    },
    /// Install and run everything that the tests need
    Test {
        /// Only the stages whose name contains one of these
        filter: Vec<String>,
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
    },
    /// Let everything go wrong for a while, and look whether anything is lost or done twice
    Chaos {
        #[command(flatten)]
        wishes: chaos::Wishes,
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
    },
    /// Make the TypeScript types anew from the Rust ones
    Generate,
    /// Look at everything that is not a test: format, lints, imports, licences, sizes
    Check {
        /// Only the checks whose name contains one of these
        filter: Vec<String>,
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
    },
    /// Make the files that people download, for this system
    Package {
        /// Not optimised, which is quicker
        #[arg(long)]
        debug: bool,
        /// Make an `AppImage` as well, for which parts are downloaded
        #[arg(long)]
        app_image: bool,
        /// Put them here instead of into the target directory
        #[arg(long, value_name = "DIR")]
        out: Option<std::path::PathBuf>,
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
    },
    /// Measure the product against the same things done bare, and show the figures
    Bench {
        /// Only the bars whose name contains one of these: redact, start, service, fleet, recovery, desktop
        filter: Vec<String>,
        /// How many jobs are started
        #[arg(long, default_value_t = 200)]
        jobs: usize,
        /// Show the figures as JSON
        #[arg(long)]
        json: bool,
        /// Install missing packages without asking
        #[arg(long)]
        yes: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Build { release, yes } => build::run(release, yes),
        Command::Run { yes, data, once } => run::run(yes, data, once),
        Command::Test { filter, yes } => test::run(&filter, yes),
        Command::Chaos { wishes, yes } => chaos::run(wishes, yes),
        Command::Generate => generate::run(),
        Command::Check { filter, yes } => check::run(&filter, yes),
        Command::Package {
            debug,
            app_image,
            out,
            yes,
        } => package::run(debug, app_image, out, yes),
        Command::Bench {
            filter,
            jobs,
            json,
            yes,
        } => bench::run(&filter, jobs, json, yes),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
