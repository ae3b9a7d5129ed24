//! The coordinator over real HTTP, with its embedded database and a clock that the tests move.

#[cfg(test)]
mod account;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod device;
#[cfg(test)]
mod downloads;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod live;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod oidc;
#[cfg(test)]
mod older;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod record;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod runner;
#[cfg(test)]
mod scheduling;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod server;
#[cfg(test)]
mod several;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod support;
#[cfg(test)]
mod syncer;
#[cfg(test)]
mod team;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod versions;
#[cfg(test)]
mod web;
