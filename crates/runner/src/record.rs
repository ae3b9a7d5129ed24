//! The two streams of an attempt as files: one entry a line, numbered from 1.
//!
//! The worker is the only writer while it lives, afterwards the service. Entry
//! N is always line N, so a number is enough to find a place again.

mod append;
mod read;
mod recover;

pub(crate) use append::EventLog;
pub(crate) use read::StreamReader;
pub(crate) use recover::recover;
