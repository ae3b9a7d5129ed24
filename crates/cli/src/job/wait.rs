//! `coord job wait`

use std::time::Duration;

use protocol::{api::JobView, job::JobState};
use serde_json::json;

use crate::{
    arguments::Wait,
    client::Client,
    context::Context,
    exit::{Done, Exit, Failure},
    follow::Watch,
    format,
};

/// Waits until nothing further happens to a job by itself.
pub(super) async fn run(context: &Context, arguments: Wait) -> Done {
    let client = Client::signed_in(context, arguments.job.remote.server.as_deref()).await?;
    let job = client.selected_job(&arguments.job).await?;
    let id = job.id;
    let waiting = until_settled(context, &client, job);
    let job = match arguments.timeout {
        None => waiting.await?,
        Some(limit) => tokio::time::timeout(limit, waiting)
            .await
            .map_err(|_| timed_out(limit, &id.to_string()))??,
    };
    let result = json!({"id": job.id, "number": job.number, "state": job.state});
    context.output.result(&result, || {
        format!("Job #{} is {}.", job.number, format::state(job.state))
    })?;
    Ok(match job.state {
        JobState::Failed => Exit::JobFailed,
        JobState::Cancelled => Exit::JobCancelled,
        _ => Exit::Ok,
    })
}

async fn until_settled(
    context: &Context,
    client: &Client,
    job: JobView,
) -> Result<JobView, Failure> {
    if is_settled(job.state) {
        return Ok(job);
    }
    if job.state == JobState::Backlog {
        context
            .output
            .message("The job is in the backlog; nobody works on it until it is made ready.");
    }
    let mut watch = Watch::new(context, client, &job);
    loop {
        watch.listen().await;
        let job = watch.look().await?;
        if is_settled(job.state) {
            return Ok(job);
        }
        watch.change().await;
    }
}

/// Whether the job goes on only when a person does something.
pub(super) const fn is_settled(state: JobState) -> bool {
    state.is_final() || matches!(state, JobState::AwaitingReview)
}

fn timed_out(limit: Duration, job: &str) -> Failure {
    Failure::new(
        Exit::Timeout,
        format!("the job did not end within {} s", limit.as_secs()),
    )
    .hint(format!("See where it stands with `coord job show {job}`."))
}
