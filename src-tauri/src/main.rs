//! The desktop app's program.

// A program with a window brings no console along.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use coord_runner::arguments::{self, Start};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    if arguments::ask_version(std::env::args().skip(1)) {
        let said = writeln!(io::stdout(), "coord-runner {}", env!("CARGO_PKG_VERSION"));
        return if said.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let filter = EnvFilter::try_from_env("COORD_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,coord_runner=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match Start::read(std::env::args().skip(1)) {
        Ok(start) => coord_runner::start(start),
        Err(misused) => {
            tracing::error!("{misused}");
            ExitCode::from(2)
        }
    }
}
