//! How busy a runner was.

use protocol::{ids::RunnerId, time::Timestamp};

use crate::{Result, Store, engine::sql};

/// Milliseconds of an hour.
const HOUR_MS: u64 = 60 * 60 * 1000;

impl Store {
    /// For each hour from `from` on, how long the runner held attempts, those at the same time
    /// added up; hours in which it held none are left out.
    pub async fn runner_busy_ms(
        &self,
        id: RunnerId,
        from: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, u64)>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "WITH RECURSIVE
                 hours (begins) AS (
                     SELECT CAST($2 AS BIGINT)
                     UNION ALL
                     SELECT begins + $4 FROM hours WHERE begins + $4 < $3
                 ),
                 held (since, until) AS (
                     SELECT confirmed_at, COALESCE(ended_at, $3) FROM attempts
                     WHERE runner_id = $1 AND confirmed_at < $3 AND COALESCE(ended_at, $3) > $2
                 )
             SELECT begins, CAST(SUM(
                        CASE WHEN until < begins + $4 THEN until ELSE begins + $4 END
                      - CASE WHEN since > begins THEN since ELSE begins END
                    ) AS BIGINT) AS busy_ms
             FROM hours JOIN held ON since < begins + $4 AND until > begins
             GROUP BY begins ORDER BY begins",
            id,
            from,
            now,
            HOUR_MS
        ))
        .await?
        .iter()
        .map(|row| Ok((row.time("begins")?, row.count("busy_ms")?)))
        .collect()
    }
}
