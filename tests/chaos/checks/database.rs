//! The coordinators' own memory: what must never stand in it.

use std::{collections::BTreeSet, fmt, time::Duration};

use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::{runtime::Runtime, time::timeout};

use super::Violation;

/// How long the database may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What must not be found, in words, and how it is looked for.
const NEVER: [(&str, &str); 9] = [
    (
        "it succeeded more than once",
        "SELECT MIN(id) AS attempt, job_id FROM attempts WHERE outcome = 'succeeded'
         GROUP BY job_id HAVING COUNT(*) > 1",
    ),
    (
        "an attempt is still open",
        "SELECT id AS attempt, job_id FROM attempts WHERE stage IN ('assigned', 'held')",
    ),
    (
        "it is under way, and nobody holds it",
        "SELECT '' AS attempt, id AS job_id FROM jobs j WHERE state = 'in_progress'
         AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.job_id = j.id AND t.stage IN ('assigned', 'held'))",
    ),
    (
        "an attempt is held without a lease",
        "SELECT id AS attempt, job_id FROM attempts WHERE stage = 'held' AND lease_ends_at IS NULL",
    ),
    (
        "it is done, and no attempt succeeded",
        "SELECT '' AS attempt, id AS job_id FROM jobs j WHERE state = 'done'
         AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.job_id = j.id AND t.outcome = 'succeeded')",
    ),
    (
        "an attempt succeeded, and it is not done",
        "SELECT t.id AS attempt, t.job_id FROM attempts t JOIN jobs j ON j.id = t.job_id
         WHERE t.outcome = 'succeeded' AND j.state <> 'done'",
    ),
    (
        "its newest claim is not its own",
        "SELECT '' AS attempt, j.id AS job_id FROM jobs j JOIN attempts t ON t.job_id = j.id
         GROUP BY j.id, j.fence HAVING MAX(t.fence) <> j.fence",
    ),
    (
        "the numbers of its attempts have gaps",
        "SELECT '' AS attempt, job_id FROM attempts
         GROUP BY job_id HAVING COUNT(number) <> COALESCE(MAX(number), 0)",
    ),
    (
        "the log differs from its checksum",
        "SELECT id AS attempt, job_id FROM attempts WHERE log_check = 'differs'",
    ),
];

/// What is over, and what is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenWork {
    jobs: i64,
    pub(crate) over: i64,
    ready: i64,
    attempts: i64,
    /// Attempts that wait for somebody's answer.
    asking: i64,
}

impl OpenWork {
    /// Whether there is nothing more to come.
    pub(crate) const fn is_none(&self) -> bool {
        self.over == self.jobs && self.attempts == 0
    }
}

impl fmt::Display for OpenWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            jobs,
            over,
            ready,
            attempts,
            asking,
        } = self;
        write!(
            f,
            "{jobs} submitted, {over} over, {ready} ready, {attempts} under way, {asking} of them asking"
        )
    }
}

/// The database of a field.
pub(crate) struct Database {
    runtime: Runtime,
    url: String,
}

impl Database {
    /// The one at this address.
    pub(crate) fn open(url: &str) -> Self {
        Self {
            runtime: Runtime::new().unwrap(),
            url: url.to_owned(),
        }
    }

    /// Every job: id and title.
    pub(crate) fn jobs(&self) -> Vec<(String, String)> {
        let rows = self.rows("SELECT id, title FROM jobs");
        rows.unwrap()
            .iter()
            .map(|row| (row.get("id"), row.get("title")))
            .collect()
    }

    /// The id of every attempt.
    pub(crate) fn attempts(&self) -> BTreeSet<String> {
        let rows = self.rows("SELECT id FROM attempts").unwrap();
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// What is not over; none while nobody answers.
    pub(crate) fn open_work(&self) -> Option<OpenWork> {
        let rows = self.rows(
            "SELECT (SELECT COUNT(*) FROM jobs) AS jobs,
                    (SELECT COUNT(*) FROM jobs WHERE state IN ('done', 'failed', 'cancelled')) AS over,
                    (SELECT COUNT(*) FROM jobs WHERE state = 'ready') AS ready,
                    (SELECT COUNT(*) FROM attempts WHERE stage IN ('assigned', 'held')) AS attempts,
                    (SELECT COUNT(DISTINCT a.attempt_id) FROM approvals a JOIN attempts t ON t.id = a.attempt_id
                     WHERE a.state = 'waiting' AND t.stage = 'held') AS asking",
        );
        let rows = rows.ok()?;
        let row = rows.first()?;
        Some(OpenWork {
            jobs: row.get("jobs"),
            over: row.get("over"),
            ready: row.get("ready"),
            attempts: row.get("attempts"),
            asking: row.get("asking"),
        })
    }

    /// What stands in it and must not.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        let mut all = Vec::new();
        for (what, sql) in NEVER {
            for row in self.rows(sql).unwrap() {
                let attempt: String = row.get("attempt");
                all.push(Violation {
                    job: Some(row.get("job_id")),
                    attempt: (!attempt.is_empty()).then_some(attempt),
                    what: what.to_owned(),
                });
            }
        }
        all
    }

    fn rows(&self, sql: &'static str) -> sqlx::Result<Vec<sqlx::postgres::PgRow>> {
        let asked = async {
            let mut connection = PgConnection::connect(&self.url).await?;
            let rows = sqlx::query(sql).fetch_all(&mut connection).await?;
            connection.close().await?;
            Ok(rows)
        };
        let answered = async { timeout(ANSWER_MAX, asked).await };
        let answered = self.runtime.block_on(answered);
        answered.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}
