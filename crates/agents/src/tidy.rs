//! What has to be cleared away once an agent is gone.

use std::time::Duration;

use async_trait::async_trait;

use crate::driver::{Session, Stop};

/// The session, after whose end `clear` is called.
pub(crate) fn after(session: Session, clear: impl Fn() + Send + Sync + 'static) -> Session {
    Session {
        stop: Box::new(Tidy {
            stop: session.stop,
            clear: Box::new(clear),
        }),
        ..session
    }
}

struct Tidy {
    stop: Box<dyn Stop>,
    clear: Box<dyn Fn() + Send + Sync>,
}

#[async_trait]
impl Stop for Tidy {
    async fn interrupt(&mut self) {
        self.stop.interrupt().await;
    }

    async fn end(&mut self, grace: Duration) -> usize {
        let stopped = self.stop.end(grace).await;
        (self.clear)();
        stopped
    }
}
