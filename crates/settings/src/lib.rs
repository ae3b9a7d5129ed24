//! What is kept beside the work: settings, credentials, and the places of files.
//!
//! The configuration file belongs to a person: comments stay, a broken file is
//! an error and never overwritten, and every value knows where it came from.
//! Tokens go to the operating system's keyring; a file that only its owner can
//! read takes its place only where there is no keyring.
//!
//! Not here: what the settings mean for jobs (`runner`).

pub mod config;
pub mod credentials;
pub mod data_dir;
pub mod directory;
pub mod filesystem;
pub mod logins;
pub mod places;
mod private_file;
pub mod rules;
pub mod server;
