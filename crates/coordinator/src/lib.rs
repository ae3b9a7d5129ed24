//! The coordinator: HTTP API, sign-in, scheduler, reconcilers and live events; serves the web app.
//!
//! Doors (`api`, `web`) decode, call one function and encode. Rules about jobs
//! are `lifecycle`'s, all SQL is `store`'s. Background work are reconcilers that
//! look at the state and do what is missing.
//!
//! Not here: anything that runs an agent, and anything that the runner decides.

mod account;
mod address;
mod answers;
mod api;
mod app;
mod artifacts;
mod auth;
mod backup;
mod body;
mod bootstrap;
mod changes;
mod clock;
mod config;
mod downloads;
mod email;
mod error;
mod facts;
mod fleet;
mod job_list;
mod jobs;
mod layers;
mod live;
mod mail;
mod metrics;
mod oauth;
mod objects;
mod oidc;
mod options;
mod plan;
mod reconcile;
mod records;
mod recovery;
mod refusals;
mod relay;
mod rights;
mod scheduler;
mod sealed;
mod server;
mod setup_tokens;
mod slug;
mod team;
mod web;

pub use api::openapi;
pub use auth::PasswordRefused;
pub use backup::{
    BackupError, BackupOptions, CopyOptions, Manifest, RestoreOptions, backup, copy_database,
    restore,
};
pub use bootstrap::{BootstrapError, BootstrapOptions, Bootstrapped, bootstrap};
pub use clock::{Clock, SystemClock};
pub use config::ConfigError;
pub use options::Options;
pub use recovery::{ResetError, ResetOptions, reset_link};
pub use server::{Server, StartError};
