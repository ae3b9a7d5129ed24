//! Everything that can go wrong, on the real programs: killed, suspended, cut off, out of time.
//!
//! `storm` plays many jobs under faults at random moments and looks at all of it
//! afterwards; each of the others is one case that chance does not surely reach.
//!
//! Not here: the rules by themselves under every order of events (`lifecycle`).

#![cfg(target_os = "linux")]

#[cfg(test)]
mod checks;
#[cfg(test)]
mod dice;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod field;
#[cfg(test)]
mod special;
#[cfg(test)]
mod storm;
#[cfg(test)]
mod work;
