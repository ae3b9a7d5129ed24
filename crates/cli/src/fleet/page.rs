//! Runners, as they are written for people.

use std::fmt::Write as _;

use protocol::api::{Activity, RunnerAction, RunnerState, RunnerView, Sharing};

use crate::{format, output::Table};

/// Runners under headings.
pub(super) fn table(runners: &[RunnerView]) -> String {
    let now = format::now();
    let mut table = Table::new(&[
        "NAME",
        "ID",
        "OWNER",
        "SHARING",
        "STATUS",
        "AGENTS",
        "JOBS",
        "HEARTBEAT",
    ]);
    for runner in runners {
        table.row(vec![
            format::short(&runner.name, 30),
            runner.short_id.clone(),
            format::short(&runner.owner.name, 24),
            sharing(runner.sharing).to_owned(),
            status(runner),
            format::short(&agents(runner), 30),
            format!("{}/{}", runner.current_jobs.len(), runner.lifetime_attempts),
            runner
                .last_heartbeat_at
                .map_or_else(|| "never".to_owned(), |at| format::ago(at, now)),
        ]);
    }
    table.or("No runners. Start one with `coord runner start`.")
}

/// One runner with everything that is known of it.
pub(super) fn whole(runner: &RunnerView) -> String {
    let now = format::now();
    let mut text = format!("{}  {}\n", format::printable(&runner.name), runner.short_id);
    let mut line = |label: &str, value: &str| {
        writeln!(text, "{label:<11}{value}").ok();
    };
    line("Id", &runner.id.to_string());
    line("Owner", &format::printable(&runner.owner.email));
    line("Status", &status(runner));
    line("Sharing", sharing(runner.sharing));
    if let Some(disabled) = &runner.disabled {
        let (by, reason) = (
            format::printable(&disabled.by),
            format::printable(&disabled.reason),
        );
        line("Disabled", &format!("by {by}: {reason}"));
    }
    line(
        "Slots",
        &format!("{} of {} free", runner.slots.free, runner.slots.total),
    );
    line("Agents", &agents(runner));
    if let Some(at) = runner.last_heartbeat_at {
        line("Heartbeat", &format::ago(at, now));
    }
    for trouble in &runner.troubles {
        line("Trouble", &format::printable(&trouble.message));
    }
    for job in &runner.current_jobs {
        line(
            "Runs",
            &format!("#{} {}", job.number, format::short(&job.title, 60)),
        );
    }
    for option in &runner.options {
        match &option.refused {
            None => line("You can", action(option.action)),
            Some(why) => line(
                "You cannot",
                &format!("{}: {}", action(option.action), format::printable(why)),
            ),
        }
    }
    text
}

fn status(runner: &RunnerView) -> String {
    let connection = match runner.state {
        RunnerState::Online => match runner.activity {
            Activity::Active => "active",
            Activity::Idle => "idle",
        },
        RunnerState::Offline => "offline",
        RunnerState::NeverConnected => "never connected",
    };
    let mut words = vec![connection];
    if runner.disabled.is_some() {
        words.push("disabled");
    }
    if runner.paused.is_some() {
        words.push("paused");
    }
    if runner.draining {
        words.push("draining");
    }
    words.join(", ")
}

const fn sharing(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Private => "private",
        Sharing::Shared => "shared",
    }
}

fn agents(runner: &RunnerView) -> String {
    let usable: Vec<_> = runner
        .capabilities
        .iter()
        .flat_map(|able| &able.agents)
        .filter(|agent| agent.is_usable())
        .map(|agent| format::printable(agent.name.as_str()))
        .collect();
    if usable.is_empty() {
        return "none".to_owned();
    }
    usable.join(", ")
}

const fn action(action: RunnerAction) -> &'static str {
    match action {
        RunnerAction::Rename => "rename",
        RunnerAction::Share => "share",
        RunnerAction::Unshare => "unshare",
        RunnerAction::Disable => "disable",
        RunnerAction::Enable => "enable",
        RunnerAction::Pause => "pause",
        RunnerAction::Resume => "resume",
        RunnerAction::Remove => "remove",
    }
}
