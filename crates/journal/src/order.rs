//! Orders of the coordinator, kept until their effect is in the attempt's record.

use protocol::{
    ids::{AttemptId, OrderId},
    runner::Order,
};
use sqlx::Row as _;

use crate::{Error, Journal};

/// An order that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOrder {
    /// What the coordinator asks.
    pub order: Order,
    /// Whether its effect is in the attempt's record.
    pub done: bool,
}

impl Journal {
    /// Writes an order down, before it is carried out; false when it was there already.
    ///
    /// An order for an attempt that is not held is passed over.
    pub async fn keep_order(&self, order: &Order) -> Result<bool, Error> {
        let content =
            serde_json::to_string(order).map_err(|error| Error::content("an order", error))?;
        let done = sqlx::query(
            "INSERT INTO kept_order (order_id, attempt_id, content) \
             SELECT $1, attempt_id, $3 FROM held_attempt WHERE attempt_id = $2 \
             ON CONFLICT DO NOTHING",
        )
        .bind(order.id.to_string())
        .bind(order.attempt_id.to_string())
        .bind(content)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down that an order's effect is in the attempt's record.
    pub async fn order_done(&self, id: OrderId) -> Result<(), Error> {
        sqlx::query("UPDATE kept_order SET done = 1 WHERE order_id = $1")
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Orders for one attempt, in the order in which they came.
    pub async fn orders(&self, attempt: AttemptId) -> Result<Vec<KeptOrder>, Error> {
        let rows = sqlx::query(
            "SELECT content, done FROM kept_order WHERE attempt_id = $1 ORDER BY rowid",
        )
        .bind(attempt.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let content: String = row.try_get(0)?;
                Ok(KeptOrder {
                    order: serde_json::from_str(&content)
                        .map_err(|error| Error::content("an order", error))?,
                    done: row.try_get(1)?,
                })
            })
            .collect()
    }

    /// Ids of all orders that are written down, which a sync lists.
    pub async fn orders_kept(&self) -> Result<Vec<OrderId>, Error> {
        let rows = sqlx::query("SELECT order_id FROM kept_order ORDER BY rowid")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get(0)?;
                id.parse()
                    .map_err(|error: uuid::Error| Error::content("an order id", error))
            })
            .collect()
    }
}
