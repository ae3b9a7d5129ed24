//! The desktop app's program.

// A program with a window brings no console along.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use coord_runner::arguments::Start;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
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
