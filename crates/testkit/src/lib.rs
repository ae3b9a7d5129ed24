//! What tests of several crates need: a throw-away PostgreSQL, a scripted model
//! server, and a clock that tests move.
//!
//! For tests only; no released program depends on it.

mod clock;
pub mod models;
#[cfg(unix)]
pub mod postgres;

pub use clock::ManualClock;
