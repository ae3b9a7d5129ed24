//! Writes to the embedded database, committed in groups.
//!
//! One thread owns the one connection that writes. It takes what waits, runs each
//! write in a savepoint of its own inside one shared transaction, commits once,
//! and only then lets the results out. So the cost of a durable commit is shared
//! by everybody who came at the same time, and no result is seen before it is
//! durable. A write that fails takes back only its own savepoint. One before which
//! nothing stands needs none: when it fails, the transaction begins anew.
//!
//! A write awaits nothing but the database; the functions in this crate are the
//! only ones that get here.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};

use super::{Conn, Work};
use crate::{Error, Result};

/// Most writes in one group.
const GROUP_WRITES_MAX: usize = 256;
/// Time after which a group takes no further write.
const GROUP_TIME_MAX: Duration = Duration::from_millis(20);

/// One write on its way through the group.
pub(super) trait GroupedWrite: Send {
    /// Does the work; says whether it is to be kept.
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, bool>;
    /// Lets the result out, once it is known whether the group was committed.
    fn finish(self: Box<Self>, committed: bool);
}

/// What the writing task is told.
pub(super) enum Command {
    /// Do this.
    Write(Box<dyn GroupedWrite>),
    /// Take nothing new, and end.
    Close,
}

/// A piece of work with the place where its result goes.
pub(super) struct Pending<A, T> {
    args: A,
    work: Work<A, T>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<A, T> Pending<A, T> {
    pub(super) fn new(args: A, work: Work<A, T>) -> (Self, oneshot::Receiver<Result<T>>) {
        let (reply, receiver) = oneshot::channel();
        let pending = Self {
            args,
            work,
            result: None,
            reply,
        };
        (pending, receiver)
    }
}

impl<A: Send + Sync, T: Send> GroupedWrite for Pending<A, T> {
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            // A panic in one write must not take the writer, and with it all others, down.
            let outcome = AssertUnwindSafe((self.work)(conn, &self.args))
                .catch_unwind()
                .await
                .unwrap_or(Err(Error::Panicked));
            let keep = outcome.is_ok();
            self.result = Some(outcome);
            keep
        })
    }

    fn finish(self: Box<Self>, committed: bool) {
        let result = match self.result {
            Some(Ok(_)) if !committed => Err(Error::NotCommitted),
            Some(result) => result,
            None => Err(Error::NotCommitted),
        };
        // Nobody waits any more when the caller was dropped; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

/// Takes writes until told to close, or until nobody can send any more.
pub(super) async fn write_in_groups(mut conn: Conn, mut queue: mpsc::Receiver<Command>) {
    let mut open = true;
    while open {
        let Some(Command::Write(first)) = queue.recv().await else {
            queue.close();
            break;
        };
        let mut done = Vec::new();
        let kept = run_group(&mut conn, first, &mut queue, &mut done, &mut open).await;
        let committed = match kept {
            Ok(()) => conn.commit().await,
            Err(error) => Err(error),
        };
        if let Err(error) = &committed {
            tracing::error!(%error, cause = ?error, "a group of writes was not committed");
            if let Err(error) = conn.rollback().await {
                // The engine rolls back by itself after some errors, and then has nothing to roll back.
                tracing::debug!(%error, "nothing to roll back");
            }
        }
        for write in done {
            write.finish(committed.is_ok());
        }
    }
    while let Ok(Command::Write(write)) = queue.try_recv() {
        write.finish(false);
    }
}

async fn run_group(
    conn: &mut Conn,
    first: Box<dyn GroupedWrite>,
    queue: &mut mpsc::Receiver<Command>,
    done: &mut Vec<Box<dyn GroupedWrite>>,
    open: &mut bool,
) -> Result<()> {
    let began = Instant::now();
    let begun = conn.begin().await;
    if let Err(error) = begun {
        done.push(first);
        return Err(error);
    }
    let mut next = Some(first);
    let mut empty = true;
    while let Some(mut write) = next.take() {
        let outcome = if empty {
            run_first(conn, write.as_mut()).await
        } else {
            run_in_savepoint(conn, write.as_mut()).await
        };
        done.push(write);
        empty &= !outcome?;
        if done.len() >= GROUP_WRITES_MAX || began.elapsed() >= GROUP_TIME_MAX {
            break;
        }
        match queue.try_recv() {
            Ok(Command::Write(write)) => next = Some(write),
            Ok(Command::Close) => {
                queue.close();
                *open = false;
            }
            Err(_) => {}
        }
    }
    Ok(())
}

/// Runs a write before which nothing stands in the transaction, so that it needs no savepoint;
/// says whether it is kept.
async fn run_first(conn: &mut Conn, write: &mut dyn GroupedWrite) -> Result<bool> {
    let keep = write.run(conn).await;
    if !keep {
        if let Err(error) = conn.rollback().await {
            // The engine has rolled back by itself; beginning anew fails if it has not.
            tracing::debug!(%error, "nothing to roll back");
        }
        conn.begin().await?;
    }
    Ok(keep)
}

/// Runs a write that stands after others; says whether it is kept.
async fn run_in_savepoint(conn: &mut Conn, write: &mut dyn GroupedWrite) -> Result<bool> {
    conn.control("SAVEPOINT one_write").await?;
    let keep = write.run(conn).await;
    conn.control(if keep {
        "RELEASE one_write"
    } else {
        "ROLLBACK TO one_write; RELEASE one_write"
    })
    .await?;
    Ok(keep)
}
