//! An agent without a model, for first runs, tests and load.
//!
//! It is a real agent of the Agent Client Protocol over its pipes; what it does
//! stands in the job's instructions, line by line (see [`script`]). A session
//! that broke off goes on after the last line that was finished.

mod peer;
mod permission;
mod progress;
pub mod script;
mod server;
mod steps;
mod tool;

use std::{
    io,
    path::{Path, PathBuf},
};

use protocol::agent::AgentName;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acp::AcpAgent;

/// Names the folder in which it keeps how far it got; a hidden one in the job's
/// folder without it.
pub const STATE_VARIABLE: &str = "COORD_DEMO_STATE";
/// Names the folder for files that are handed back.
pub const OUTPUT_VARIABLE: &str = "COORD_OUTPUT_DIR";

/// What the demo agent knows of where it runs.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Where it keeps how far it got.
    pub state: Option<PathBuf>,
    /// Where files go that are handed back.
    pub output: Option<PathBuf>,
}

impl Surroundings {
    /// As this process's environment says.
    pub fn of_environment() -> Self {
        Self {
            state: std::env::var_os(STATE_VARIABLE).map(PathBuf::from),
            output: std::env::var_os(OUTPUT_VARIABLE).map(PathBuf::from),
        }
    }

    fn state_in(&self, folder: &Path) -> PathBuf {
        self.state
            .clone()
            .unwrap_or_else(|| folder.join(".coord-demo"))
    }

    fn output_in(&self, folder: &Path) -> PathBuf {
        self.output.clone().unwrap_or_else(|| folder.join("output"))
    }
}

/// Speaks the protocol over this process's own input and output, until the input ends.
pub async fn main() -> io::Result<()> {
    serve(
        tokio::io::stdin(),
        tokio::io::stdout(),
        Surroundings::of_environment(),
    )
    .await
}

/// Speaks the protocol over `stdin` and `stdout`, until the input ends.
pub async fn serve<R, W>(stdin: R, stdout: W, surroundings: Surroundings) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    server::serve(stdin, stdout, surroundings).await
}

/// The demo agent as any other: `program` is our own binary.
pub fn agent(program: PathBuf) -> AcpAgent {
    AcpAgent {
        arguments: vec!["demo-agent".to_owned()],
        version_arguments: vec!["--version".to_owned()],
        ..AcpAgent::new(AgentName::DEMO, "Demo agent", program)
    }
}
