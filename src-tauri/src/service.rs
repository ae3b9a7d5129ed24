//! Keeps the runner service running, and hears what it says.
//!
//! The service outlives this app: it is started detached, found again, and
//! restarted when it dies, but not when somebody stopped it on purpose.

mod install;
mod keeper;
mod own;
mod start;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use control::{
    Client, ClientError,
    message::{Reply, Request},
};
use protocol::error::{ErrorCode, Problem};
use tokio::sync::{mpsc, watch};

pub(crate) use keeper::{Duty, Keeper};

use crate::{link::Link, place::Place};

const ANSWER_WITHIN: Duration = Duration::from_secs(70);

/// What can be asked of the [`Keeper`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Start the service if it does not run.
    Start,
    /// Let the service finish, and start it anew.
    Renew,
}

/// This machine's runner service, as the rest of the app sees it.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    place: Place,
    links: watch::Receiver<Link>,
    orders: mpsc::Sender<Order>,
    own: Arc<AtomicU32>,
}

impl Service {
    /// A handle, and the keeper that has to run behind it.
    pub(crate) fn new(place: Place, duty: Duty) -> (Self, Keeper) {
        let (links_in, links) = watch::channel(Link::Starting);
        let (orders, orders_out) = mpsc::channel(4);
        let own = Arc::new(AtomicU32::new(own::remembered(&place)));
        let keeper = Keeper::new(place.clone(), duty, links_in, orders_out, Arc::clone(&own));
        let service = Self {
            place,
            links,
            orders,
            own,
        };
        (service, keeper)
    }

    /// How the app stands with the service now.
    pub(crate) fn link(&self) -> Link {
        self.links.borrow().clone()
    }

    /// Every change of that, from now on.
    pub(crate) fn links(&self) -> watch::Receiver<Link> {
        self.links.clone()
    }

    /// Whether this app started the service that answers now.
    pub(crate) fn is_own(&self) -> bool {
        let own = self.own.load(Ordering::Relaxed);
        own != 0
            && self
                .links
                .borrow()
                .state()
                .is_none_or(|state| state.pid == own)
    }

    /// Asks the service for something.
    pub(crate) async fn call(&self, request: Request) -> Result<Reply, Problem> {
        let exchange = async {
            let client = Client::connect(self.place.data()).await?;
            client.call(request).await
        };
        match tokio::time::timeout(ANSWER_WITHIN, exchange).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(ClientError::Refused(problem))) => Err(problem),
            Ok(Err(error)) => Err(Problem::new(ErrorCode::Unavailable, format!("{error}."))
                .hint("The runner service is starting or has stopped; try again in a moment.")),
            Err(_) => Err(Problem::new(
                ErrorCode::Unavailable,
                "The runner service did not answer in time.",
            )),
        }
    }

    /// Asks the keeper for something.
    pub(crate) async fn order(&self, order: Order) {
        if self.orders.send(order).await.is_err() {
            tracing::debug!("nobody keeps the service any more");
        }
    }
}
