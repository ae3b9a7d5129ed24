//! `coord job list`

use protocol::{
    api::{JobList, JobSummary},
    job::JobState,
};

use crate::{
    arguments::List,
    client::Client,
    context::Context,
    exit::{Done, Failure},
    format,
    output::Table,
};

/// Most jobs that are asked for at once.
const PAGE_MAX: u32 = 200;

/// Shows jobs, newest first.
pub(super) async fn run(context: &Context, arguments: List) -> Done {
    let client = Client::signed_in(context, arguments.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.workspace.as_deref()).await?;
    let list = collect(&client, &workspace, &arguments).await?;
    let more = list.next.is_some();
    let done = context.output.result(&list, || table(&list.jobs))?;
    if more {
        context
            .output
            .message("There are more; ask for them with --limit.");
    }
    Ok(done)
}

/// Asks for page after page, until there are enough.
async fn collect(client: &Client, workspace: &str, list: &List) -> Result<JobList, Failure> {
    let states: Vec<_> = list.state.iter().copied().map(JobState::as_str).collect();
    let mut all = JobList {
        jobs: Vec::new(),
        next: None,
        total: None,
    };
    let mut wanted = list.limit;
    while wanted > 0 {
        let mut query = vec![("limit", wanted.min(PAGE_MAX).to_string())];
        if !states.is_empty() {
            query.push(("state", states.join(",")));
        }
        query.extend(list.search.iter().map(|text| ("search", text.clone())));
        query.extend(all.next.iter().map(|before| ("before", before.to_string())));
        let page = client.jobs(workspace, &query).await?;
        wanted = wanted.saturating_sub(u32::try_from(page.jobs.len()).unwrap_or(u32::MAX));
        all.jobs.extend(page.jobs);
        all.next = page.next;
        if all.next.is_none() {
            break;
        }
    }
    Ok(all)
}

fn table(jobs: &[JobSummary]) -> String {
    let now = format::now();
    let mut table = Table::new(&["JOB", "STATE", "TITLE", "AGENT", "RUNNER", "CHANGED"]);
    for job in jobs {
        let mut state = format::state(job.state).to_owned();
        if job.needs_you > 0 {
            state.push_str(" (needs you)");
        }
        table.row(vec![
            format!("#{}", job.number),
            state,
            format::short(&job.title, 50),
            job.agent
                .as_ref()
                .map_or("-".to_owned(), |agent| format::short(agent.as_str(), 20)),
            job.runner
                .as_ref()
                .map_or("-".to_owned(), |runner| format::short(runner, 24)),
            format::ago(job.updated_at, now),
        ]);
    }
    table.or("No jobs. Submit one with `coord job submit`.")
}
