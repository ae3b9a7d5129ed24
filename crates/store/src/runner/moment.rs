//! What happened to a runner, written in the transaction in which it happens.

use protocol::{
    api::{RunnerMoment, RunnerTimeline},
    ids::{RunnerId, WorkspaceId},
    limits::UNREACHABLE_AFTER_MS,
    time::Timestamp,
};
use uuid::Uuid;

use super::Runner;
use crate::{
    Audit, Result, Store,
    engine::{Conn, sql},
};

/// How long moments are kept.
const LIFE_MS: u64 = 90 * 24 * 60 * 60 * 1000;
/// Most moments that a timeline shows.
const SHOWN_MAX: u32 = 200;

/// Where it happened: in one workspace, or everywhere.
#[derive(Debug, Clone, Copy)]
pub(super) enum Where {
    Everywhere,
    In(WorkspaceId),
}

/// Writes down that something happened to a runner.
pub(super) async fn add(
    tx: &mut Conn,
    runner: RunnerId,
    place: Where,
    at: Timestamp,
    kind: &str,
    text: &str,
) -> Result<()> {
    let workspace = match place {
        Where::Everywhere => None,
        Where::In(workspace) => Some(workspace),
    };
    tx.run(sql!(
        "INSERT INTO runner_moments (id, runner_id, workspace_id, at, kind, text)
         VALUES ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7().to_string().as_str(),
        runner,
        workspace,
        at,
        kind,
        text
    ))
    .await?;
    Ok(())
}

/// The name of whoever did it.
pub(super) fn who(line: &Audit) -> &str {
    line.actor().name()
}

/// The runner registered, for the first time or again.
pub(crate) async fn registered(
    tx: &mut Conn,
    runner: RunnerId,
    again: bool,
    now: Timestamp,
) -> Result<()> {
    let text = if again {
        "Registered again."
    } else {
        "Registered."
    };
    add(tx, runner, Where::Everywhere, now, "registered", text).await
}

/// What a sync shows to have happened since the one before.
pub(crate) async fn synced(
    tx: &mut Conn,
    before: &Runner,
    after: &Runner,
    now: Timestamp,
) -> Result<()> {
    for (at, kind, text) in between(before, after, now) {
        add(tx, after.id, Where::Everywhere, at, kind, &text).await?;
    }
    Ok(())
}

type Happened = (Timestamp, &'static str, String);

fn between(before: &Runner, after: &Runner, now: Timestamp) -> Vec<Happened> {
    let mut happened = Vec::new();
    let mut now_it = |kind, text: String| happened.push((now, kind, text));
    if before.capabilities.is_some() && before.runner_version != after.runner_version {
        let text = format!("{} → {}.", before.runner_version, after.runner_version);
        now_it("version_changed", text);
    }
    match (&before.paused, &after.paused) {
        (None, Some(pause)) => {
            let note = pause.note.as_deref().filter(|note| !note.is_empty());
            now_it(
                "paused",
                note.map_or_else(|| "Paused.".to_owned(), |note| format!("Paused: {note}")),
            );
        }
        (Some(_), None) => now_it("resumed", "Takes new jobs again.".to_owned()),
        (None, None) | (Some(_), Some(_)) => {}
    }
    if after.draining && !before.draining {
        now_it(
            "draining",
            "Finishes what it has and then stops.".to_owned(),
        );
    }
    match (before.troubles.first(), after.troubles.first()) {
        (None, Some(trouble)) => now_it("trouble", trouble.message.clone()),
        (Some(_), None) => now_it("well_again", "All is well again.".to_owned()),
        (None, None) | (Some(_), Some(_)) => {}
    }
    let came_back = match before.last_sync_at {
        None => true,
        Some(last) => now.millis_since(last) > UNREACHABLE_AFTER_MS,
    };
    if came_back {
        happened.extend(before.last_sync_at.map(silence_after));
        happened.push((now, "connected", "Connected.".to_owned()));
    }
    happened
}

/// Nobody is there to write down when a runner falls silent: it follows from its last sync.
fn silence_after(last: Timestamp) -> Happened {
    let at = last.plus_millis(UNREACHABLE_AFTER_MS);
    (at, "went_offline", "Was heard of no more.".to_owned())
}

impl Store {
    /// What happened lately to a runner that a workspace has in view, newest first.
    pub async fn runner_timeline(
        &self,
        workspace_id: WorkspaceId,
        runner: &Runner,
        now: Timestamp,
    ) -> Result<RunnerTimeline> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT at, kind, text FROM runner_moments
                 WHERE runner_id = $1 AND at > $2
                   AND (workspace_id IS NULL OR workspace_id = $3)
                 ORDER BY at DESC, id DESC LIMIT $4",
                runner.id,
                Timestamp(now.0.saturating_sub_unsigned(LIFE_MS)),
                workspace_id,
                SHOWN_MAX
            ))
            .await?;
        let silent = runner
            .last_sync_at
            .filter(|last| now.millis_since(*last) > UNREACHABLE_AFTER_MS)
            .map(silence_after);
        let mut moments: Vec<RunnerMoment> = silent
            .into_iter()
            .map(|(at, kind, text)| RunnerMoment {
                at,
                kind: kind.to_owned(),
                text,
            })
            .collect();
        for row in rows {
            moments.push(RunnerMoment {
                at: row.time("at")?,
                kind: row.text("kind")?,
                text: row.text("text")?,
            });
        }
        moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
        Ok(RunnerTimeline { moments })
    }

    /// Forgets what happened to runners long ago.
    pub async fn sweep_runner_moments(&self, now: Timestamp) -> Result<u64> {
        let before = Timestamp(now.0.saturating_sub_unsigned(LIFE_MS));
        self.write(before, |tx, before| {
            Box::pin(tx.run(sql!("DELETE FROM runner_moments WHERE at <= $1", *before)))
        })
        .await
    }
}
