//! The desktop app: a tray that keeps the runner service of this machine
//! running, and a window that shows it.
//!
//! The service does the work and holds the tokens; this app is a client of its
//! control socket, like the command line. Tray and window are two processes
//! where that saves memory, and each can be closed without touching a job.
//!
//! Not here: what a runner does (`runner`), what the window draws (`ui`).

mod app;
pub mod arguments;
mod commands;
mod fitness;
mod indicator;
mod link;
mod notice;
mod page;
mod place;
#[cfg(test)]
mod sample;
mod seat;
mod service;
mod shell;
mod tray;
mod window;
mod words;

use std::process::ExitCode;

use arguments::Start;
use place::Place;

/// Does what the program was started for.
pub fn start(start: Start) -> ExitCode {
    if let Err(unfit) = fitness::check() {
        return app::refused(&unfit);
    }
    let place = match Place::find() {
        Ok(place) => place,
        Err(error) => return app::refused(&error),
    };
    match start {
        Start::App { page } => shell::run(place, page),
        #[cfg(target_os = "linux")]
        Start::Window { page, no_tray } => window::run(place, page, no_tray),
        #[cfg(not(target_os = "linux"))]
        Start::Window { page, .. } => shell::run(place, Some(page)),
    }
}
