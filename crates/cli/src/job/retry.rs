//! `coord job retry`

use protocol::limits::FEEDBACK_BYTES_MAX;
use serde_json::json;

use super::text;
use crate::{arguments::Retry, client::Client, context::Context, exit::Done};

/// Has one more attempt at a job that is over.
pub(super) async fn run(context: &Context, arguments: Retry) -> Done {
    let feedback = match &arguments.feedback_file {
        Some(file) => Some(text::read(
            file,
            "feedback",
            FEEDBACK_BYTES_MAX,
            "Say what matters most; a new job can bring the rest as a file.",
        )?),
        None => arguments.feedback,
    };
    let client = Client::signed_in(context, arguments.job.remote.server.as_deref()).await?;
    let job = client.selected_job(&arguments.job).await?;
    let job = client.retry(job.id, feedback).await?;
    let result = json!({"id": job.id, "number": job.number, "state": job.state});
    context.output.result(&result, || {
        format!(
            "Job #{} is Ready again.\nNext: coord job wait {}",
            job.number, job.id
        )
    })
}
