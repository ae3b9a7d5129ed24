//! Attempts that this runner holds.

use lifecycle::held::Held;
use protocol::{
    agent::AgentName,
    ids::AttemptId,
    job::Phase,
    runner::{Assignment, StopReason},
    time::Timestamp,
};
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Journal, outbox::Positions};

/// The process that owns an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Its process id.
    pub pid: u32,
    /// When the system says that it started: a process id alone may have been given anew.
    pub started: u64,
    /// Where it listens.
    pub socket: String,
}

/// One attempt that this runner holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAttempt {
    /// What was handed out.
    pub assignment: Assignment,
    /// How it stands; a lease does not survive a start of the service.
    pub held: Held,
    /// When it was written down here.
    pub accepted_at: Timestamp,
    /// The agent that was chosen.
    pub agent: Option<AgentName>,
    /// The job's folder.
    pub folder: Option<String>,
    /// The process that owns it, once it was started.
    pub worker: Option<Worker>,
    /// How far the streams have been acknowledged.
    pub acked: Positions,
    /// Whether the coordinator has every artifact.
    pub manifest_done: bool,
}

/// The query for held attempts, with what stands after it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT assignment, fence, phase, stopped, accepted_at, agent, folder, worker_pid, \
             worker_started, worker_socket, events_acked, log_acked, manifest_done \
             FROM held_attempt ",
            $rest
        )
    };
}

impl Journal {
    /// Writes an assignment down, before it is listed in a sync; false when it was there already.
    pub async fn accept(&self, assignment: &Assignment, now: Timestamp) -> Result<bool, Error> {
        let content = serde_json::to_string(assignment)
            .map_err(|error| Error::content("an assignment", error))?;
        let done = self
            .run(
                "INSERT INTO held_attempt (attempt_id, fence, assignment, phase, accepted_at) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                (
                    assignment.attempt_id.to_string(),
                    number(assignment.fence),
                    content,
                    Phase::Assigned.as_str(),
                    now.0,
                ),
            )
            .await?;
        Ok(done == 1)
    }

    /// Every attempt that is held, in the order in which they came.
    pub async fn held_attempts(&self) -> Result<Vec<HeldAttempt>, Error> {
        let words = select!("ORDER BY accepted_at, attempt_id");
        self.rows(words, (), read).await
    }

    /// One attempt; none when it is not held.
    pub async fn held_attempt(&self, id: AttemptId) -> Result<Option<HeldAttempt>, Error> {
        let words = select!("WHERE attempt_id = ?1");
        let found = self.rows(words, (id.to_string(),), read).await?;
        Ok(found.into_iter().next())
    }

    /// Writes down which step begins.
    pub async fn set_phase(&self, id: AttemptId, phase: Phase) -> Result<(), Error> {
        let done = self
            .run(
                "UPDATE held_attempt SET phase = ?2 WHERE attempt_id = ?1",
                (id.to_string(), phase.as_str()),
            )
            .await?;
        found(id, done)
    }

    /// Writes down that the attempt is not this runner's any more.
    pub async fn set_stopped(&self, id: AttemptId, reason: StopReason) -> Result<(), Error> {
        let done = self
            .run(
                "UPDATE held_attempt SET stopped = ?2 WHERE attempt_id = ?1",
                (id.to_string(), word(&reason)?),
            )
            .await?;
        found(id, done)
    }

    /// Writes down that the work begins, in which folder, and with which agent; before the worker starts.
    pub async fn set_running(
        &self,
        id: AttemptId,
        folder: &str,
        agent: &AgentName,
    ) -> Result<(), Error> {
        let done = self
            .run(
                "UPDATE held_attempt SET phase = ?2, folder = ?3, agent = ?4 WHERE attempt_id = ?1",
                (
                    id.to_string(),
                    Phase::Running.as_str(),
                    folder,
                    agent.as_str(),
                ),
            )
            .await?;
        found(id, done)
    }

    /// Writes down the process that owns the attempt; none when it has ended.
    pub async fn set_worker(&self, id: AttemptId, worker: Option<&Worker>) -> Result<(), Error> {
        let done = self
            .run(
                "UPDATE held_attempt SET worker_pid = ?2, worker_started = ?3, worker_socket = ?4 \
             WHERE attempt_id = ?1",
                (
                    id.to_string(),
                    worker.map(|worker| i64::from(worker.pid)),
                    worker.map(|worker| number(worker.started)),
                    worker.map(|worker| worker.socket.as_str()),
                ),
            )
            .await?;
        found(id, done)
    }

    /// Forgets an attempt that was never begun, such as one that went back before it was confirmed.
    pub async fn forget(&self, id: AttemptId) -> Result<(), Error> {
        self.run(
            "DELETE FROM held_attempt WHERE attempt_id = ?1",
            (id.to_string(),),
        )
        .await?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<HeldAttempt, Error> {
    let assignment: String = row.get("assignment")?;
    let phase: String = row.get("phase")?;
    let stopped: Option<String> = row.get("stopped")?;
    let agent: Option<String> = row.get("agent")?;
    let held = Held {
        fence: unsigned(row, "fence")?,
        phase: from_word("a phase", phase)?,
        lease_ends_ms: None,
        stopped: stopped
            .map(|reason| from_word("a reason to stop", reason))
            .transpose()?,
    };
    Ok(HeldAttempt {
        assignment: serde_json::from_str(&assignment)
            .map_err(|error| Error::content("an assignment", error))?,
        held,
        accepted_at: Timestamp(row.get("accepted_at")?),
        agent: agent.map(AgentName),
        folder: row.get("folder")?,
        worker: read_worker(row)?,
        acked: Positions {
            events: unsigned(row, "events_acked")?,
            log: unsigned(row, "log_acked")?,
        },
        manifest_done: row.get("manifest_done")?,
    })
}

fn read_worker(row: &Row<'_>) -> Result<Option<Worker>, Error> {
    let pid: Option<u32> = row.get("worker_pid")?;
    let started: Option<i64> = row.get("worker_started")?;
    let socket: Option<String> = row.get("worker_socket")?;
    Ok(match (pid, started, socket) {
        (Some(pid), Some(started), Some(socket)) => Some(Worker {
            pid,
            started: started.cast_unsigned(),
            socket,
        }),
        _ => None,
    })
}

/// The number as the database keeps it; the bits stay.
pub(crate) const fn number(value: u64) -> i64 {
    value.cast_signed()
}

pub(crate) fn unsigned(row: &Row<'_>, column: &str) -> Result<u64, Error> {
    let value: i64 = row.get(column)?;
    Ok(value.cast_unsigned())
}

/// The word on the wire, which is the word in the journal too.
fn word(value: &impl Serialize) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(_) => Err(Error::content("a word", "it is not a single word")),
        Err(error) => Err(Error::content("a word", error)),
    }
}

fn from_word<T: DeserializeOwned>(what: &'static str, word: String) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(word))
        .map_err(|error| Error::content(what, error))
}

pub(crate) fn found(id: AttemptId, rows: u64) -> Result<(), Error> {
    if rows == 1 {
        return Ok(());
    }
    Err(Error::NotHeld(id))
}
