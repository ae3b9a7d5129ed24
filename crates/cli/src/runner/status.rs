//! `coord runner status`

use std::fmt::Write as _;

use std::path::Path;

use control::state::{Connection, CredentialStore, ServiceState};
use protocol::{api::Activity, runner::Pause};
use serde_json::{Value, json};

use super::client;
use crate::{context::Context, exit::Done, format};

/// Shows how the service does; that none runs is a state, too.
pub(super) async fn run(context: &Context, data: &Path) -> Done {
    let state = client::state(data).await?;
    match &state {
        Some(state) => context.output.result(&facts(state), || page(state)),
        None => context.output.result(&stopped(), || {
            "The runner service is not running.\nNext: coord runner start".to_owned()
        }),
    }
}

fn stopped() -> Value {
    json!({
        "state": "stopped", "activity": "idle", "runner": null, "slots": null,
        "attempts": [], "paused": null,
    })
}

/// The contract's fields first; the rest is there for whoever looks closer.
fn facts(state: &ServiceState) -> Value {
    json!({
        "state": word(&state.connection),
        "activity": activity(state),
        "runner": state.runner,
        "slots": state.slots,
        "attempts": state.attempts,
        "paused": state.paused,
        "draining": state.draining,
        "connection": state.connection,
        "account": state.account,
        "credentials": state.credentials,
        "troubles": state.troubles,
        "space_used": state.space_used,
        "approvals_waiting": state.approvals.len(),
        "questions_waiting": state.questions.len(),
        "config": state.config,
        "version": state.version,
        "pid": state.pid,
        "started_at": state.started_at,
    })
}

fn activity(state: &ServiceState) -> Activity {
    if state.attempts.is_empty() {
        Activity::Idle
    } else {
        Activity::Active
    }
}

const fn word(connection: &Connection) -> &'static str {
    match connection {
        Connection::SignedOut { .. } => "signed_out",
        Connection::SigningIn { .. } => "signing_in",
        Connection::Connecting => "connecting",
        Connection::Online => "online",
        Connection::Offline { .. } => "offline",
        Connection::Removed => "removed",
        Connection::Superseded => "superseded",
        Connection::VersionUnsupported { .. } => "version_unsupported",
    }
}

/// The state in one line.
pub(super) fn summary(state: &ServiceState) -> String {
    let connection = match &state.connection {
        Connection::SignedOut { because: None } => {
            "signed out; `coord runner login` signs in".to_owned()
        }
        Connection::SignedOut { because: Some(why) } => format!("signed out: {why}"),
        Connection::SigningIn {
            user_code,
            verification_uri,
            ..
        } => {
            format!("signing in: confirm the code {user_code} at {verification_uri}")
        }
        Connection::Connecting => "connecting".to_owned(),
        Connection::Online => "online".to_owned(),
        Connection::Offline { message, .. } => format!("offline: {message}"),
        Connection::Removed => {
            "removed in the web app; `coord runner login` registers it again".to_owned()
        }
        Connection::Superseded => "taken over by another start of this runner".to_owned(),
        Connection::VersionUnsupported { message } => message.clone(),
    };
    let mut text = connection;
    if let Some(pause) = &state.paused {
        write!(text, ", {}", paused(pause)).ok();
    }
    if state.draining {
        text.push_str(", finishing what it has");
    }
    let running = state.attempts.len();
    if running > 0 {
        write!(text, ", {running} running").ok();
    }
    text
}

fn paused(pause: &Pause) -> String {
    let until = pause
        .until
        .map(|until| format!(" until {}", format::clock(until)));
    let note = pause
        .note
        .as_deref()
        .map(|note| format!(" ({})", format::printable(note)));
    format!(
        "paused{}{}",
        until.unwrap_or_default(),
        note.unwrap_or_default()
    )
}

fn page(state: &ServiceState) -> String {
    let mut lines = vec![("State", summary(state))];
    if let Some(runner) = &state.runner {
        lines.push((
            "Runner",
            format!("{} ({})", format::printable(&runner.name), runner.short_id),
        ));
    }
    if let Some(account) = &state.account {
        lines.push(("Account", format::printable(&account.email)));
    }
    if let Some(server) = &state.config.server {
        lines.push(("Server", server.clone()));
    }
    lines.push((
        "Slots",
        format!("{} of {} free", state.slots.free, state.slots.total),
    ));
    if let Some(used) = &state.space_used {
        lines.push((
            "Space",
            format!(
                "{} records, {} job folders, {} put aside",
                format::bytes(used.records_bytes),
                format::bytes(used.jobs_bytes),
                format::bytes(used.aside_bytes)
            ),
        ));
    }
    match &state.credentials {
        Some(CredentialStore::File { path }) => {
            lines.push(("Tokens", format!("in {path}, since there is no keyring")));
        }
        Some(CredentialStore::Locked) => {
            lines.push((
                "Tokens",
                "in the keyring, which is locked: unlock it".to_owned(),
            ));
        }
        Some(CredentialStore::Keyring) | None => {}
    }
    lines.extend(
        state
            .troubles
            .iter()
            .map(|trouble| ("Trouble", trouble.message.clone())),
    );
    for attempt in &state.attempts {
        let doing = attempt.last_action.as_deref().unwrap_or("working");
        let title = format::short(&attempt.title, 50);
        lines.push((
            "Job",
            format!(
                "#{} {title}: {}",
                attempt.job_number,
                format::short(doing, 80)
            ),
        ));
    }
    let waiting = state.approvals.len() + state.questions.len();
    if waiting > 0 {
        lines.push((
            "Needs you",
            format!(
                "{waiting} waiting: `coord runner approvals list`, `coord runner questions list`"
            ),
        ));
    }
    let line = |(label, value): (&str, String)| format!("{label:<11}{value}\n");
    lines.into_iter().map(line).collect()
}
