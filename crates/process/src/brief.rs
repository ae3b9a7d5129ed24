//! Short questions to programs: started, asked, answered, gone.

use std::{path::Path, process::ExitStatus, time::Duration};

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{Program, StartError, kin};

/// Most bytes that are kept of each output.
const OUTPUT_BYTES_MAX: u64 = 1024 * 1024;

/// What a program answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed, up to a bound, with replacement characters for what is no text.
    pub stdout: String,
    /// What it printed as errors.
    pub stderr: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum BriefError {
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It took too long, and was ended.
    #[error("{program} did not answer within {} s and was ended", .limit.as_secs_f32())]
    TooSlow {
        /// Which program.
        program: String,
        /// How long it had.
        limit: Duration,
    },
}

/// Runs `program` to its end, with closed input, for at most `limit`.
///
/// Whatever it leaves running is killed, unless it is run gently.
pub async fn run_briefly<I, K, V>(
    program: &Path,
    arguments: &[&str],
    environment: I,
    limit: Duration,
) -> Result<Brief, BriefError>
where
    I: IntoIterator<Item = (K, V)>,
    K: Into<std::ffi::OsString>,
    V: Into<std::ffi::OsString>,
{
    Program::new(program)
        .arguments(arguments)
        .environment(environment)
        .run_briefly(limit)
        .await
}

impl Program {
    /// Runs it to its end, with closed input, for at most `limit`.
    pub async fn run_briefly(&self, limit: Duration) -> Result<Brief, BriefError> {
        let mut child = self.start()?;
        drop(child.take_stdin());
        let (stdout, stderr) = (child.take_stdout(), child.take_stderr());
        let answer = async {
            let (stdout, stderr) = tokio::join!(collect(stdout), collect(stderr));
            (child.wait().await, stdout, stderr)
        };
        if let Ok((Some(status), stdout, stderr)) = tokio::time::timeout(limit, answer).await {
            return Ok(Brief {
                status,
                stdout,
                stderr,
            });
        }
        if self.gently {
            child.stop(kin::STOP_PATIENCE).await;
        }
        Err(BriefError::TooSlow {
            program: self.path().display().to_string(),
            limit,
        })
    }
}

/// Reads to the end, and keeps no more than the bound.
async fn collect<R: AsyncRead + Unpin>(pipe: Option<R>) -> String {
    let Some(mut pipe) = pipe else {
        return String::new();
    };
    let mut kept = Vec::new();
    let read = (&mut pipe)
        .take(OUTPUT_BYTES_MAX)
        .read_to_end(&mut kept)
        .await;
    if read.is_ok() {
        // The rest is read all the same: a full pipe would stop the program.
        drop(tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
