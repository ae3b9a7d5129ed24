//! Logs of ended attempts in the object store: compressed, and read in parts.
//!
//! A piece of a log is one object. It is made of blocks that are compressed each by
//! itself, so that any range is read without the rest, and ends with an index of
//! them. Not here: which logs are moved, and when (`reconcile::seal`).

mod format;
mod read;
mod write;

pub(crate) use read::{SealedReader, Unreadable};
pub(crate) use write::{NotWritten, Writer};
