//! The runner's own memory: what must survive a crash of the service.
//!
//! A step is written down here before it is taken, and every write is on the
//! disk when its call returns; so a start of the service finds out from the
//! journal what was under way. Each write can be repeated.
//!
//! Not here: the two streams of an attempt (files that the worker writes), and
//! secrets (`settings`). Workers never open the journal.

mod attempt;
mod database;
mod error;
mod history;
mod installation;
mod order;
mod outbox;

pub use attempt::{HeldAttempt, Worker};
pub use database::Journal;
pub use error::Error;
pub use history::{ENDED_ATTEMPTS_MAX, EndedAttempt};
pub use installation::{Breaker, Installation, Registration};
pub use order::KeptOrder;
pub use outbox::Positions;

#[cfg(test)]
mod tests;
