//! The rules of jobs and attempts, which both sides decide by.
//!
//! Coordinator and runner ask the same functions, so they cannot disagree. The
//! caller hands in everything, time and chance included, and carries out what
//! comes back.
//!
//! Not here: any I/O, clock, randomness, task or log.

pub mod attempt;
pub mod breaker;
pub mod consent;
pub mod held;
pub mod holds;
pub mod job;
pub mod lease;
pub mod limits;
pub mod month;
pub mod numbering;
pub mod permission;
pub mod queue;
pub mod retry;
pub mod routing;
pub mod sync_order;
pub mod tidy;
pub mod unanswered;

#[cfg(test)]
mod simulation;
