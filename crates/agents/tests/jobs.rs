//! Whole jobs by agents that are programs of their own, and use the shell of Unix.
#![cfg(unix)]

#[cfg(test)]
mod demo_job;
#[cfg(test)]
mod demo_protocol;
#[cfg(test)]
mod real;
#[cfg(test)]
mod stage;
