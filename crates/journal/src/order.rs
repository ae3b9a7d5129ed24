//! Orders of the coordinator, kept until their effect is in the attempt's record.

use protocol::{
    ids::{AttemptId, OrderId},
    runner::Order,
};

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
        let done = self
            .run(
                "INSERT INTO kept_order (order_id, attempt_id, content) \
             SELECT ?1, attempt_id, ?3 FROM held_attempt WHERE attempt_id = ?2 \
             ON CONFLICT DO NOTHING",
                (order.id.to_string(), order.attempt_id.to_string(), content),
            )
            .await?;
        Ok(done == 1)
    }

    /// Writes down that an order's effect is in the attempt's record.
    pub async fn order_done(&self, id: OrderId) -> Result<(), Error> {
        self.run(
            "UPDATE kept_order SET done = 1 WHERE order_id = ?1",
            (id.to_string(),),
        )
        .await?;
        Ok(())
    }

    /// Orders for one attempt, in the order in which they came.
    pub async fn orders(&self, attempt: AttemptId) -> Result<Vec<KeptOrder>, Error> {
        let words = "SELECT content, done FROM kept_order WHERE attempt_id = ?1 ORDER BY rowid";
        self.rows(words, (attempt.to_string(),), |row| {
            let content: String = row.get(0)?;
            Ok(KeptOrder {
                order: serde_json::from_str(&content)
                    .map_err(|error| Error::content("an order", error))?,
                done: row.get(1)?,
            })
        })
        .await
    }

    /// Ids of all orders that are written down, which a sync lists.
    pub async fn orders_kept(&self) -> Result<Vec<OrderId>, Error> {
        let words = "SELECT order_id FROM kept_order ORDER BY rowid";
        self.rows(words, (), |row| {
            let id: String = row.get(0)?;
            id.parse()
                .map_err(|error: uuid::Error| Error::content("an order id", error))
        })
        .await
    }
}
