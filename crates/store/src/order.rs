//! Orders: what the coordinator asks a runner to do with an attempt.

use protocol::{ids::RunnerId, runner::Order, time::Timestamp};

use crate::{Error, Result, Store};

/// An order whose effect is not in the record yet.
pub type PendingOrder = Order;

impl Store {
    /// Orders of a runner whose effect is not in the record yet, oldest first.
    pub async fn pending_orders(
        &self,
        runner_id: RunnerId,
        now: Timestamp,
    ) -> Result<Vec<PendingOrder>> {
        let _ = (runner_id, now);
        Err(Error::Closed)
    }
}
