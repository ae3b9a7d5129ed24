//! What the database holds, to see that a refused call changed none of it.

use std::{collections::BTreeSet, path::Path};

use sqlx::{Connection as _, Row as _, SqliteConnection};

/// Columns that say when somebody was last there: being refused is being there, too.
const VOLATILE: [&str; 4] = ["last_seen_at", "last_used_at", "seen_at", "since"];

/// Every row of every table, as text.
pub(super) async fn content(data: &Path) -> BTreeSet<String> {
    let file = data.join("coord.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .fetch_all(&mut database)
        .await
        .unwrap();
    let mut rows = BTreeSet::new();
    for table in tables {
        let table: String = table.get("name");
        let columns = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA table_info({table})")))
            .fetch_all(&mut database)
            .await
            .unwrap();
        let values: Vec<String> = columns
            .iter()
            .map(|column| column.get::<String, _>("name"))
            .filter(|column| !VOLATILE.contains(&column.as_str()))
            .map(|column| format!("'{column}=' || quote(\"{column}\")"))
            .collect();
        let select = format!("SELECT {} AS line FROM {table}", values.join(" || ' ' || "));
        for row in sqlx::query(sqlx::AssertSqlSafe(select))
            .fetch_all(&mut database)
            .await
            .unwrap()
        {
            rows.insert(format!("{table}: {}", row.get::<String, _>("line")));
        }
    }
    database.close().await.unwrap();
    rows
}

/// How many logs have not been compared with their checksums, or not been sealed yet.
pub(super) async fn logs_to_deal_with(data: &Path) -> i64 {
    let file = data.join("coord.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM attempts
                 WHERE stage = 'ended' AND outcome_detail IS NOT NULL
                   AND (log_check IS NULL OR log_last > log_sealed))
              + (SELECT COUNT(*) FROM sealed_logs WHERE rows_left) AS waiting",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    row.get("waiting")
}
