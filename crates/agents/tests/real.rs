//! The real agents, each in a home of its own, against a scripted model server: the
//! same scenarios for all, and a table of what was seen.
//!
//! A new agent is a [`RealAgent`] of its own file and a line in [`agent::ALL`];
//! a new scenario is a function and a line in [`scenarios::ALL`].

mod adapter;
mod agent;
mod claude;
mod codex;
mod gemini;
mod matrix;
mod scenarios;
mod scene;
mod table;
