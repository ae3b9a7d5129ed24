//! The runner: a service that takes jobs from a coordinator, and the workers that do them.
//!
//! The service signs in, syncs, hands the record over and publishes; it alone
//! holds tokens. One worker process owns one attempt and outlives the service.
//! Each knows the other only by files and a socket.
//!
//! Not here: how agents are driven (`agents`), what the rules are (`lifecycle`),
//! and how a person talks to the service (`control`).

mod clock;
mod disk;
mod folder;
mod link;
mod options;
mod record;
pub mod service;
pub mod worker;

pub use options::{AccountLogin, Error, Exit, Options};
