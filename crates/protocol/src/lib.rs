//! The words that coordinator, runner, command line and user interfaces share.
//!
//! Ids, messages, error codes and the product's own terms, each declared once;
//! the OpenAPI document and the TypeScript types are made from these.
//!
//! Not here: any rule about when something may happen (`lifecycle`), any I/O,
//! any clock and any randomness.

pub mod agent;
pub mod api;
pub mod approval;
pub mod digest;
pub mod error;
pub mod ids;
pub mod job;
pub mod limits;
pub mod question;
pub mod record;
pub mod rule;
pub mod runner;
pub mod time;
pub mod version;
pub mod visible;
