//! `coord runner logs`: from this machine's own record.

use std::path::Path;

use control::{
    Client,
    message::{Reply, Request},
};
use protocol::{ids::AttemptId, record::log_line};

use super::client;
use crate::{
    arguments::LocalLogs,
    context::Context,
    exit::{Done, Exit, Failure},
    format::LogWriter,
    output,
};

/// Most entries that are asked for at once.
const ENTRIES_PER_CALL: u32 = 1000;
/// How long one call waits for the next entry.
const WAIT_MS: u64 = 20_000;

/// Shows the log of an attempt.
pub(super) async fn run(context: &Context, data: &Path, arguments: LocalLogs) -> Done {
    let client = client::connect(data).await?;
    let attempt_id = match arguments.attempt {
        Some(attempt) => attempt,
        None => newest(&client).await?,
    };
    let mut lines = LogWriter::default();
    let mut after = 0;
    loop {
        let request = Request::ReadLog {
            attempt_id,
            after,
            limit: ENTRIES_PER_CALL,
            wait_ms: if arguments.follow { WAIT_MS } else { 0 },
        };
        let reply = client.call(request).await.map_err(client::failure)?;
        let Reply::Log { entries, complete } = reply else {
            return Err(client::strange());
        };
        let mut text = String::new();
        for entry in &entries {
            if context.output.json {
                text.push_str(&log_line(entry));
            } else {
                text.push_str(&lines.write(entry));
            }
        }
        output::raw(text.as_bytes())?;
        after = entries.last().map_or(after, |entry| entry.n);
        if complete || (entries.is_empty() && !arguments.follow) {
            return Ok(Exit::Ok);
        }
    }
}

/// The attempt that runs, or the one that ended last.
async fn newest(client: &Client) -> Result<AttemptId, Failure> {
    let state = client.state().await.map_err(client::failure)?;
    let running = state
        .attempts
        .iter()
        .max_by_key(|attempt| attempt.started_at);
    if let Some(running) = running {
        return Ok(running.attempt_id);
    }
    let request = Request::History { limit: 1 };
    let reply = client.call(request).await.map_err(client::failure)?;
    let Reply::History { attempts } = reply else {
        return Err(client::strange());
    };
    let newest = attempts.first().map(|attempt| attempt.attempt_id);
    newest.ok_or_else(|| {
        Failure::new(Exit::NotFound, "nothing has run on this machine yet")
            .hint("Submit a job with `coord job submit`.")
    })
}
