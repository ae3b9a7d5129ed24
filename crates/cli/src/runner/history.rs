//! `coord runner history`

use std::path::Path;

use control::{
    message::{Reply, Request},
    state::AttemptSummary,
};

use super::client;
use crate::{arguments::History, context::Context, exit::Done, format, output::Table};

/// Shows attempts that ended on this machine, newest first.
pub(super) async fn run(context: &Context, data: &Path, arguments: &History) -> Done {
    let request = Request::History {
        limit: arguments.limit,
    };
    let Reply::History { attempts } = client::call(data, request).await? else {
        return Err(client::strange());
    };
    context.output.result(&attempts, || table(&attempts))
}

fn table(attempts: &[AttemptSummary]) -> String {
    let now = format::now();
    let mut table = Table::new(&[
        "JOB", "ATTEMPT", "OUTCOME", "TITLE", "AGENT", "ENDED", "LOG",
    ]);
    for one in attempts {
        table.row(vec![
            format!("#{}", one.job_number),
            one.attempt_number.to_string(),
            format::outcome(one.outcome).to_owned(),
            format::short(&one.title, 40),
            one.agent
                .as_ref()
                .map_or("-".to_owned(), |agent| format::short(agent.as_str(), 20)),
            format::ago(one.ended_at, now),
            one.attempt_id.to_string(),
        ]);
    }
    table.or("Nothing has ended here yet.")
}
