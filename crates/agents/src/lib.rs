//! Agents: what they are, whether they are here, and how they are driven.
//!
//! Every agent stands behind one trait, [`driver::Agent`], and is turned into the
//! same events. A folder an agent holds its command line, its wire and its quirks.
//!
//! Not here: what is done with the events (`runner`), and what a person may
//! be asked to allow (`lifecycle`).

pub mod acp;
pub mod catalog;
pub mod claude;
pub mod codex;
pub mod custom;
pub mod demo;
pub mod driver;
pub mod gemini;
pub mod lines;
pub mod places;
pub mod prompt;
pub mod redact;

mod bounds;
mod denial;
mod failure;
#[cfg(test)]
mod fuzz;
mod launch;
#[cfg(test)]
mod replay;
mod reset;
mod risk;
mod subject;
mod text;
mod tidy;
mod turn;
mod version;
mod wire;

pub use launch::MARK_VARIABLE;
