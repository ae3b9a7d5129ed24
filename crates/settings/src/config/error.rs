//! What can be wrong with a configuration.

use std::io;

use super::{Key, Origin};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is broken; it is left as it is.
    #[error(
        "the configuration file {file} cannot be understood in line {line}: {why}; correct or remove that line (the file was left as it is)"
    )]
    Broken {
        /// Which.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A value cannot be used.
    #[error("the setting `{key}` cannot be used: {why}")]
    Invalid {
        /// Which.
        key: Key,
        /// What is wrong with it.
        why: String,
    },
    /// An agent cannot be kept as it is described.
    #[error("the agent `{name}` cannot be kept: {why}")]
    Agent {
        /// Which.
        name: protocol::agent::AgentName,
        /// What is wrong with it.
        why: String,
    },
    /// An option or the environment has set it.
    #[error("the setting `{key}` was set {}, and can only be changed there", match .origin {
        Origin::Environment => format!("by the environment variable {}", .key.variable()),
        Origin::Default | Origin::File | Origin::Option => "when the service was started".to_owned(),
    })]
    Locked {
        /// Which.
        key: Key,
        /// Where it was set.
        origin: Origin,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration file {file}")]
    Read {
        /// Which.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the configuration file {file}")]
    Write {
        /// Which.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}
