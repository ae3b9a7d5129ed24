//! The oldest jobs of each lane.

use std::collections::BTreeMap;

use lifecycle::month::Month;
use protocol::{agent::AgentName, time::Timestamp};

use super::{MonthlyQuotas, QueueAsk, QueuedJob};
use crate::{
    Result,
    engine::{Conn, Row, Statement, Value, sql, sql_pair},
};

/// Jobs of members, near the head of their lanes, given which jobs count at all.
macro_rules! select_heads {
    ($counting:literal) => {
        concat!(
            "SELECT j.id, j.workspace_id, j.created_by, j.priority, j.lane, j.context, j.target,
                    j.agent, j.ready_at, a.email AS submitter_email,
                    o.account_id AS owner_id, b.email AS owner_email
             FROM (SELECT q.id, ROW_NUMBER() OVER
                              (PARTITION BY q.lane ORDER BY q.ready_at, q.id) AS place
                   FROM jobs q ",
            $counting,
            ") h
             JOIN jobs j ON j.id = h.id
             JOIN accounts a ON a.id = j.created_by
             JOIN members o ON o.workspace_id = j.workspace_id AND o.role = 'owner'
             JOIN accounts b ON b.id = o.account_id
             WHERE h.place <= $1
               AND EXISTS (SELECT 1 FROM members s WHERE s.workspace_id = j.workspace_id
                             AND s.account_id = j.created_by)"
        )
    };
}

/// Reads them, each with its submitter alone as its team.
pub(super) async fn read(
    conn: &mut Conn,
    ask: &QueueAsk,
    now: Timestamp,
) -> Result<Vec<QueuedJob>> {
    let rows = conn.all(statement(ask, now)).await?;
    rows.iter().map(QueuedJob::read).collect()
}

fn statement(ask: &QueueAsk, now: Timestamp) -> Statement {
    if ask.quotas.is_unlimited() {
        return sql!(
            select_heads!("WHERE q.state = 'ready'"),
            u64::from(ask.of_a_lane)
        );
    }
    sql_pair!(
        sqlite: select_heads!(
            "JOIN accounts s ON s.id = q.created_by
             LEFT JOIN json_each($2) limits ON limits.key = s.email
             WHERE q.state = 'ready'
               AND (q.created_at < $3 OR q.number_in_month <= COALESCE(limits.value, $4))"
        ),
        postgres: select_heads!(
            "JOIN accounts s ON s.id = q.created_by
             LEFT JOIN json_each_text(CAST($2 AS json)) limits ON limits.key = s.email
             WHERE q.state = 'ready'
               AND (q.created_at < $3
                    OR q.number_in_month <= COALESCE(CAST(limits.value AS BIGINT), $4))"
        ),
        u64::from(ask.of_a_lane),
        Value::json(&ask.quotas.most_by_email()),
        Month::of(now).begins,
        most(ask.quotas.default)
    )
}

impl MonthlyQuotas {
    fn is_unlimited(&self) -> bool {
        self.default.is_none() && self.by_email.values().all(Option::is_none)
    }

    fn most_by_email(&self) -> BTreeMap<&str, i64> {
        let named = self.by_email.iter();
        named
            .map(|(email, limit)| (email.as_str(), most(*limit)))
            .collect()
    }
}

/// A limit as a number that can be compared: without one, the largest.
fn most(limit: Option<u64>) -> i64 {
    limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX))
}

impl QueuedJob {
    fn read(row: &Row) -> Result<Self> {
        let created_by = row.parsed("created_by")?;
        Ok(Self {
            id: row.parsed("id")?,
            workspace_id: row.parsed("workspace_id")?,
            created_by,
            submitter_email: row.text("submitter_email")?,
            owner: row.parsed("owner_id")?,
            owner_email: row.text("owner_email")?,
            priority: row.priority("priority")?,
            lane: row.text("lane")?,
            context: row.json("context")?,
            target: row.json("target")?,
            agent: row.text_option("agent")?.map(AgentName),
            ready_at: row.time("ready_at")?,
            team: vec![created_by],
        })
    }
}
