//! A stage for whole-system tests: the real binaries, each with a home of its own.
//!
//! A [`Stage`] is a temporary folder with a coordinator, an owner and runners.
//! Whatever is started on it is ended with it, and when a test fails, what the
//! programs said is shown.
//!
//! Not here: the window and its desktop (`desktop/`), pages in a browser (`e2e/`).

pub mod engine;
pub mod job;
pub mod person;
pub mod processes;
pub mod program;
pub mod proxy;
pub mod runner;
pub mod stage;
pub mod wait;

pub use job::Job;
pub use person::Person;
pub use program::{Ran, Run};
pub use runner::Runner;
pub use stage::Stage;
pub use wait::until;
