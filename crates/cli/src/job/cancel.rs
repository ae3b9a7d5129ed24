//! `coord job cancel`

use serde_json::json;

use crate::{arguments::Cancel, client::Client, context::Context, exit::Done, format};

/// Calls a job off.
pub(super) async fn run(context: &Context, arguments: Cancel) -> Done {
    let client = Client::signed_in(context, arguments.job.remote.server.as_deref()).await?;
    let job = client.selected_job(&arguments.job).await?;
    client.cancel(job.id).await?;
    let job = client.job(job.id).await?;
    let result = json!({"id": job.id, "number": job.number, "state": job.state});
    context.output.result(&result, || {
        if job.state.is_final() {
            format!("Job #{} is {}.", job.number, format::state(job.state))
        } else {
            format!(
                "Job #{} is being cancelled.\nNext: coord job wait {}",
                job.number, job.id
            )
        }
    })
}
