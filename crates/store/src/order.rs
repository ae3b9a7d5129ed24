//! Orders: what the coordinator asks a runner to do with an attempt.

use protocol::{
    ids::{AttemptId, OrderId, RunnerId},
    runner::{Order, OrderKind},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, Row, Value, sql},
};

impl Store {
    /// Orders of a runner whose effect is not in the record yet, oldest first.
    pub async fn pending_orders(&self, runner_id: RunnerId, now: Timestamp) -> Result<Vec<Order>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT o.id, o.attempt_id, o.body, t.cancel_by
                 FROM orders o JOIN attempts t ON t.id = o.attempt_id
                 WHERE o.runner_id = $1 AND o.done_at IS NULL AND t.stage = 'held'
                 ORDER BY o.id",
                runner_id
            ))
            .await?;
        rows.iter().map(|row| read(row, now)).collect()
    }
}

fn read(row: &Row, now: Timestamp) -> Result<Order> {
    let mut order: OrderKind = row.json("body")?;
    if let OrderKind::Cancel { deadline_ms, .. } = &mut order {
        let ends = row.time_option("cancel_by")?;
        *deadline_ms = ends.map_or(0, |ends| ends.millis_since(now));
    }
    Ok(Order {
        id: row.parsed("id")?,
        attempt_id: row.parsed("attempt_id")?,
        order,
    })
}

/// Adds an order about `about`, unless there is one already.
pub(crate) async fn add_order(
    tx: &mut Conn,
    at: AttemptRef,
    about: &str,
    order: &OrderKind,
    now: Timestamp,
) -> Result<()> {
    tx.run(sql!(
        "INSERT INTO orders (id, attempt_id, runner_id, about, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (about) DO NOTHING",
        OrderId(Uuid::now_v7()),
        at.attempt_id,
        at.runner_id,
        about,
        Value::json(order),
        now
    ))
    .await?;
    Ok(())
}

/// The effect of the order about `about` is in the record.
pub(crate) async fn order_done(
    tx: &mut Conn,
    about: &str,
    attempt_id: AttemptId,
    now: Timestamp,
) -> Result<()> {
    tx.run(sql!(
        "UPDATE orders SET done_at = $3
         WHERE about = $1 AND attempt_id = $2 AND done_at IS NULL",
        about,
        attempt_id,
        now
    ))
    .await?;
    Ok(())
}
