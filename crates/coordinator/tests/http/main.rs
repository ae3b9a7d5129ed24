//! The coordinator over real HTTP, with its embedded database and a clock that the tests move.

mod device;
mod jobs;
mod live;
mod server;
mod sign_in;
mod support;
mod tokens;
mod web;
