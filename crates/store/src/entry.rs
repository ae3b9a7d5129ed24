//! Entries of the two streams of an attempt, kept as the JSON in which they came.

use lifecycle::{attempt, numbering};
use protocol::{
    ids::{AttemptId, RunnerId},
    record::{EventEntry, LogEntry},
    time::Timestamp,
};

use crate::{
    AttemptRef, Result, Store, derived,
    engine::{Conn, Statement, Value, sql, sql_pair},
    transition::{self, Standing},
};

/// An entry with the exact text in which it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// As this version understands it.
    pub value: T,
    /// As it came.
    pub json: String,
}

/// What came of an upload of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// They are kept, by this or before.
    Kept {
        /// Which attempt grew.
        at: AttemptRef,
        /// Number of the last entry that is kept.
        last: u64,
        /// How many were new.
        new: u64,
    },
    /// Their numbers do not go on where the kept ones end.
    Refused(numbering::Refused),
    /// The runner does not have such an attempt, or the fence was never its own.
    NotYours,
}

impl Store {
    /// Keeps log entries under the fence with which the attempt was handed out.
    pub async fn append_log(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        fence: u64,
        entries: Vec<Entry<LogEntry>>,
        now: Timestamp,
    ) -> Result<Appended> {
        let upload = Upload {
            runner_id,
            attempt_id,
            fence,
            entries,
            now,
        };
        self.write(upload, |tx, upload| Box::pin(append_log(tx, upload)))
            .await
    }

    /// Keeps events, with what follows from them: phase, approvals, questions, usage.
    ///
    /// None of them may be an `ended` event: see [`Store::accept_outcome`].
    pub async fn append_events(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        fence: u64,
        entries: Vec<Entry<EventEntry>>,
        now: Timestamp,
    ) -> Result<Appended> {
        let upload = Upload {
            runner_id,
            attempt_id,
            fence,
            entries,
            now,
        };
        self.write(upload, |tx, upload| Box::pin(append_events(tx, upload)))
            .await
    }
}

struct Upload<T> {
    runner_id: RunnerId,
    attempt_id: AttemptId,
    fence: u64,
    entries: Vec<Entry<T>>,
    now: Timestamp,
}

async fn append_log(tx: &mut Conn, upload: &Upload<LogEntry>) -> Result<Appended> {
    let Some(standing) = load_own(tx, upload.runner_id, upload.attempt_id, upload.fence).await?
    else {
        return Ok(Appended::NotYours);
    };
    let numbers = upload.entries.iter().map(|entry| entry.value.n);
    let taken = match numbering::plan(standing.log_last, numbers) {
        Ok(taken) => taken,
        Err(refused) => return Ok(Appended::Refused(refused)),
    };
    let new = &upload.entries[taken.skip..][..taken.take];
    if let Some(first) = new.first() {
        let late = is_late(&standing, upload.now);
        tx.run(insert_log(upload.attempt_id, first.value.n, new, late))
            .await?;
        tx.run(sql!(
            "UPDATE attempts SET log_last = $2 WHERE id = $1",
            upload.attempt_id,
            taken.kept
        ))
        .await?;
    }
    Ok(kept(standing.at, taken))
}

async fn append_events(tx: &mut Conn, upload: &Upload<EventEntry>) -> Result<Appended> {
    let Some(standing) = load_own(tx, upload.runner_id, upload.attempt_id, upload.fence).await?
    else {
        return Ok(Appended::NotYours);
    };
    let numbers = upload.entries.iter().map(|entry| entry.value.n);
    let taken = match numbering::plan(standing.events_last, numbers) {
        Ok(taken) => taken,
        Err(refused) => return Ok(Appended::Refused(refused)),
    };
    let new = &upload.entries[taken.skip..][..taken.take];
    keep_events(tx, &standing, new, upload.now).await?;
    for entry in new {
        derived::follow(tx, &standing, &entry.value, upload.now).await?;
    }
    Ok(kept(standing.at, taken))
}

/// Inserts events that follow the kept ones without a gap.
pub(crate) async fn keep_events(
    tx: &mut Conn,
    standing: &Standing,
    new: &[Entry<EventEntry>],
    now: Timestamp,
) -> Result<()> {
    let (Some(first), Some(last)) = (new.first(), new.last()) else {
        return Ok(());
    };
    let late = is_late(standing, now);
    let id = standing.at.attempt_id;
    tx.run(insert_events(id, first.value.n, new, late, now))
        .await?;
    tx.run(sql!(
        "UPDATE attempts SET events_last = $2 WHERE id = $1",
        id,
        last.value.n
    ))
    .await?;
    Ok(())
}

/// The attempt, if it is the runner's and was handed out under this fence.
pub(crate) async fn load_own(
    tx: &mut Conn,
    runner_id: RunnerId,
    attempt_id: AttemptId,
    fence: u64,
) -> Result<Option<Standing>> {
    let standing = transition::load(tx, attempt_id).await?;
    Ok(standing.filter(|s| s.at.runner_id == runner_id && s.attempt.fence == fence))
}

fn is_late(standing: &Standing, now: Timestamp) -> bool {
    attempt::is_late(standing.attempt, standing.facts(now, now))
}

fn kept(at: AttemptRef, taken: numbering::Taken) -> Appended {
    Appended::Kept {
        at,
        last: taken.kept,
        new: taken.take as u64,
    }
}

/// All entries in one statement: their texts travel as one JSON list.
fn insert_log(
    attempt_id: AttemptId,
    first: u64,
    entries: &[Entry<LogEntry>],
    late: bool,
) -> Statement {
    sql_pair!(
        sqlite: "INSERT INTO log_entries (attempt_id, n, body, late)
                 SELECT $1, $2 + key, value, $4 FROM json_each($3)",
        postgres: "INSERT INTO log_entries (attempt_id, n, body, late)
                   SELECT $1, $2 + place - 1, value, $4
                   FROM json_array_elements_text(CAST($3 AS json))
                        WITH ORDINALITY AS entry (value, place)",
        attempt_id,
        first,
        texts(entries),
        late
    )
}

fn insert_events(
    attempt_id: AttemptId,
    first: u64,
    entries: &[Entry<EventEntry>],
    late: bool,
    now: Timestamp,
) -> Statement {
    sql_pair!(
        sqlite: "INSERT INTO events (attempt_id, n, body, late, kept_at)
                 SELECT $1, $2 + key, value, $4, $5 FROM json_each($3)",
        postgres: "INSERT INTO events (attempt_id, n, body, late, kept_at)
                   SELECT $1, $2 + place - 1, value, $4, $5
                   FROM json_array_elements_text(CAST($3 AS json))
                        WITH ORDINALITY AS entry (value, place)",
        attempt_id,
        first,
        texts(entries),
        late,
        now
    )
}

fn texts<T>(entries: &[Entry<T>]) -> Value {
    let texts: Vec<&str> = entries.iter().map(|entry| entry.json.as_str()).collect();
    Value::json(&texts)
}
