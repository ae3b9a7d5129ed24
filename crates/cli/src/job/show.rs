//! `coord job show`

use crate::{arguments::Show, client::Client, context::Context, exit::Done, format};

/// Shows a job.
pub(super) async fn run(context: &Context, arguments: Show) -> Done {
    let client = Client::signed_in(context, arguments.job.remote.server.as_deref()).await?;
    let job = client.selected_job(&arguments.job).await?;
    context
        .output
        .result(&job, || format::job_page(&job, format::now()))
}
