//! What tests of several crates need: a throw-away PostgreSQL, a scripted model
//! server, a mail server that keeps what it is given, an identity provider, and a
//! clock that tests move.
//!
//! For tests only; no released program depends on it.

mod clock;
pub mod identity;
pub mod models;
#[cfg(unix)]
pub mod postgres;
pub mod smtp;

pub use clock::ManualClock;
