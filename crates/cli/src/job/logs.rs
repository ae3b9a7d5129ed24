//! `coord job logs`: by number, so that nothing is lost or doubled.

use protocol::{
    api::JobView,
    ids::JobId,
    record::{LogEntry, log_line},
};

use super::wait::is_settled;
use crate::{
    arguments::Logs,
    client::Client,
    context::Context,
    exit::{Done, Exit, Failure},
    follow::Watch,
    format::LogWriter,
    output,
};

/// Shows the log of a job.
pub(super) async fn run(context: &Context, arguments: Logs) -> Done {
    let client = Client::signed_in(context, arguments.job.remote.server.as_deref()).await?;
    let job = client.selected_job(&arguments.job).await?;
    if arguments.events {
        let attempt = chosen(&job, arguments.attempt)?;
        return events(&client, job.id, attempt).await;
    }
    let printer = Printer::new(context);
    if arguments.follow {
        return follow(context, &client, job, arguments.attempt, printer).await;
    }
    let attempt = chosen(&job, arguments.attempt)?;
    once(&client, job.id, attempt, printer).await
}

/// The attempt that is meant: the one named, or the newest.
fn chosen(job: &JobView, named: Option<u32>) -> Result<u32, Failure> {
    let newest = job.attempts.last().map(|attempt| attempt.number);
    let found = match named {
        None => newest,
        Some(named) => job.attempts.iter().map(|a| a.number).find(|&n| n == named),
    };
    found.ok_or_else(|| match named {
        Some(named) => Failure::new(
            Exit::NotFound,
            format!("job #{} has no attempt {named}", job.number),
        ),
        None => Failure::new(
            Exit::NotFound,
            format!("nobody has begun to work on job #{}", job.number),
        )
        .hint("Wait for its log with --follow."),
    })
}

/// Prints log entries in order.
struct Printer<'a> {
    context: &'a Context,
    lines: LogWriter,
}

impl<'a> Printer<'a> {
    fn new(context: &'a Context) -> Self {
        Self {
            context,
            lines: LogWriter::default(),
        }
    }

    /// As JSON these are the very lines that stand on the runner's disk.
    fn print(&mut self, entries: &[LogEntry]) -> Result<(), Failure> {
        let mut text = String::new();
        for entry in entries {
            if self.context.output.json {
                text.push_str(&log_line(entry));
            } else {
                text.push_str(&self.lines.write(entry));
            }
        }
        output::raw(text.as_bytes())
    }
}

async fn once(client: &Client, id: JobId, attempt: u32, mut printer: Printer<'_>) -> Done {
    let mut after = 0;
    loop {
        let page = client.log(id, attempt, after).await?;
        printer.print(&page.entries)?;
        match page.entries.last() {
            Some(last) if last.n < page.last => after = last.n,
            _ => return Ok(Exit::Ok),
        }
    }
}

async fn follow(
    context: &Context,
    client: &Client,
    job: JobView,
    only: Option<u32>,
    mut printer: Printer<'_>,
) -> Done {
    let mut watch = Watch::new(context, client, &job);
    let mut attempt = only.unwrap_or_else(|| job.attempts.last().map_or(1, |a| a.number));
    let mut after = 0;
    loop {
        watch.listen().await;
        let job = watch.look().await?;
        let mut complete = false;
        if job.attempts.iter().any(|a| a.number == attempt) {
            loop {
                let page = watch
                    .patiently(|| client.log(job.id, attempt, after))
                    .await?;
                printer.print(&page.entries)?;
                after = page.entries.last().map_or(after, |entry| entry.n);
                complete = page.complete && after >= page.last;
                if page.entries.is_empty() || after >= page.last {
                    break;
                }
            }
        }
        let next = job.attempts.iter().map(|a| a.number).find(|&n| n > attempt);
        match next {
            Some(next) if only.is_none() && (complete || attempt_ended(&job, attempt)) => {
                context.output.message(&format!("Attempt {next} begins."));
                (attempt, after) = (next, 0);
            }
            _ if complete && (only.is_some() || is_settled(job.state)) => return Ok(Exit::Ok),
            // No attempt was made, and none will be.
            _ if is_settled(job.state) && job.attempts.iter().all(|a| a.number != attempt) => {
                return Ok(Exit::Ok);
            }
            _ => watch.change().await,
        }
    }
}

/// Whether no further entry of `attempt` is waited for although its log is not whole.
fn attempt_ended(job: &JobView, attempt: u32) -> bool {
    let found = job.attempts.iter().find(|a| a.number == attempt);
    found.is_none_or(|attempt| attempt.outcome.is_some())
}

/// Prints events, one line of JSON each.
async fn events(client: &Client, id: JobId, attempt: u32) -> Done {
    let mut after = 0;
    loop {
        let page = client.events(id, attempt, after).await?;
        for entry in &page.entries {
            output::json_line(entry)?;
        }
        match page.entries.last() {
            Some(last) if last.n < page.last => after = last.n,
            _ => return Ok(Exit::Ok),
        }
    }
}
