//! Waiting for something to change in a job.
//!
//! The live stream says when to look; a slow look stands behind it, so that a
//! broken stream only makes it later. A coordinator that is away for a moment
//! ends nothing.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use futures::{StreamExt as _, stream::BoxStream};
use protocol::{
    api::{Change, JobView, LiveEvent},
    ids::JobId,
};
use tokio::time::{sleep, timeout};

use crate::{
    client::Client,
    context::Context,
    exit::{Exit, Failure},
    format,
};

/// Longest time between two looks.
const SLOW_LOOK: Duration = Duration::from_secs(5);
/// Longest time between two tries while the coordinator is away.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// How long a coordinator may be away before waiting for it ends.
const AWAY_MAX: Duration = Duration::from_mins(5);
/// A line of the live stream longer than this is not one of ours.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Looks at one job again and again.
pub(crate) struct Watch<'a> {
    context: &'a Context,
    client: &'a Client,
    job: JobId,
    workspace: String,
    stream: Option<Lines>,
    told_hold: Option<String>,
}

impl<'a> Watch<'a> {
    /// Begins to watch `job`.
    pub(crate) fn new(context: &'a Context, client: &'a Client, job: &JobView) -> Self {
        Self {
            context,
            client,
            job: job.id,
            workspace: job.workspace_id.to_string(),
            stream: None,
            told_hold: None,
        }
    }

    /// Makes a call again while the coordinator is away.
    pub(crate) async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        call: impl FnMut() -> F,
    ) -> Result<T, Failure> {
        let output = self.context.output;
        let mut told = false;
        call.retry(
            ExponentialBuilder::default()
                .with_min_delay(Duration::from_millis(200))
                .with_max_delay(RETRY_MAX)
                .with_total_delay(Some(AWAY_MAX))
                .without_max_times(),
        )
        .when(|failure: &Failure| failure.exit == Exit::Unreachable)
        .notify(|failure, _| {
            if !told {
                output.message(&format!("{failure}; trying again."));
                told = true;
            }
        })
        .await
    }

    /// The job as it is now; says why it waits, whenever that is new.
    pub(crate) async fn look(&mut self) -> Result<JobView, Failure> {
        let job = self.patiently(|| self.client.job(self.job)).await?;
        let hold = job.hold.as_ref().map(format::hold);
        if hold != self.told_hold {
            if let Some(hold) = &hold {
                self.context.output.message(&format!("Waiting: {hold}"));
            }
            self.told_hold = hold;
        }
        Ok(job)
    }

    /// Waits until the job may have changed.
    pub(crate) async fn change(&mut self) {
        drop(timeout(SLOW_LOOK, self.told()).await);
    }

    /// Opens the stream, so that no change after the next look is missed.
    pub(crate) async fn listen(&mut self) {
        if self.stream.is_none() {
            let opening = timeout(SLOW_LOOK, self.client.live(&self.workspace)).await;
            if let Ok(Ok(response)) = opening {
                self.stream = Some(Lines::new(response));
            }
        }
    }

    /// Waits for a word about this job.
    async fn told(&mut self) {
        if self.stream.is_none() {
            self.listen().await;
            // Something may have happened before the stream stood.
            if self.stream.is_some() {
                return;
            }
            return sleep(SLOW_LOOK).await;
        }
        while let Some(lines) = &mut self.stream {
            match lines.next().await {
                Some(line) if is_about(&line, self.job) => return,
                Some(_) => {}
                None => self.stream = None,
            }
        }
    }
}

/// The lines of a response.
struct Lines {
    body: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    buffer: Vec<u8>,
}

impl Lines {
    fn new(response: reqwest::Response) -> Self {
        let body = response.bytes_stream().map(|part| part.map(Vec::from));
        Self {
            body: body.boxed(),
            buffer: Vec::new(),
        }
    }

    /// The next line; none when the stream has ended or makes no sense.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.buffer.len() > LINE_BYTES_MAX {
                return None;
            }
            let part = self.body.next().await?.ok()?;
            self.buffer.extend_from_slice(&part);
        }
    }
}

/// Whether a line of the live stream tells of a change that concerns `job`.
fn is_about(line: &str, job: JobId) -> bool {
    let Some(data) = line.strip_prefix("data:") else {
        return false;
    };
    match serde_json::from_str::<LiveEvent>(data.trim_start()) {
        Ok(event) => match event.change {
            Change::Job { job_id } | Change::Log { job_id, .. } => job_id == job,
            Change::Runner { .. } | Change::Runners | Change::Workspace | Change::Notifications => {
                false
            }
            Change::Jobs | Change::Logs | Change::Everything => true,
        },
        // From a newer version: better look once too often.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_about_the_job_wake() {
        let job: JobId = "0199a7c4-0000-7000-8000-000000000000".parse().unwrap();
        let other: JobId = "0199a7c4-0000-7000-8000-000000000001".parse().unwrap();
        let line = |job_id| {
            let change = Change::Job { job_id };
            format!(
                "data: {}",
                serde_json::to_string(&LiveEvent { change }).unwrap()
            )
        };
        assert!(is_about(&line(job), job));
        assert!(!is_about(&line(other), job));
        assert!(is_about(r#"data: {"change":{"what":"everything"}}"#, job));
        assert!(is_about(r#"data: {"change":{"what":"a newer kind"}}"#, job));
        assert!(!is_about(": heartbeat", job));
        assert!(!is_about("event: change", job));
    }
}
