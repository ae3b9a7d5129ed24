//! Statements that take long are kept off the threads on which everybody else waits.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::runtime::{Handle, RuntimeFlavor};

/// From here on others should not have to wait behind a statement.
const LONG: Duration = Duration::from_millis(1);

/// Which statements took long when they were run last.
#[derive(Debug, Default)]
pub(super) struct Slow(Mutex<HashSet<&'static str>>);

impl Slow {
    /// Runs a statement's work here; when it took long the last time, after the runtime has
    /// been told to let another thread go on with what waits for this one.
    pub(super) fn run<T>(&self, words: &'static str, work: impl FnOnce() -> T) -> T {
        let was_slow = self.known().contains(words);
        let began = Instant::now();
        let answer = if was_slow && may_be_told() {
            tokio::task::block_in_place(work)
        } else {
            work()
        };
        let is_slow = began.elapsed() >= LONG;
        if is_slow && !was_slow {
            self.known().insert(words);
        } else if was_slow && !is_slow {
            self.known().remove(words);
        }
        answer
    }

    fn known(&self) -> MutexGuard<'_, HashSet<&'static str>> {
        // Nothing that could panic is done under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A runtime with one thread has no other one to go on with.
fn may_be_told() -> bool {
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::JoinSet;

    use super::*;

    #[test]
    fn a_statement_is_slow_as_long_as_its_last_run_was() {
        let slow = Slow::default();
        slow.run("SELECT 1", || std::thread::sleep(LONG));
        assert!(slow.known().contains("SELECT 1"));
        assert!(!slow.known().contains("SELECT 2"));
        slow.known().insert("SELECT 2");
        slow.run("SELECT 2", || ());
        assert!(!slow.known().contains("SELECT 2"));
    }

    /// The only worker is in a statement that ends when another task has run.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_during_a_slow_statement() {
        let slow = Slow::default();
        slow.known().insert("SELECT 1");
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let (other, from_other) = mpsc::sync_channel(1);
            let mut waiting = JoinSet::new();
            waiting.spawn(async move { other.send("ran") });
            let heard = slow.run("SELECT 1", || {
                from_other.recv_timeout(Duration::from_mins(1))
            });
            assert_eq!(heard, Ok("ran"));
        });
        tasks.join_next().await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_runtime_with_one_thread_runs_them_as_they_come() {
        let slow = Slow::default();
        slow.known().insert("SELECT 1");
        assert_eq!(slow.run("SELECT 1", || 7), 7);
    }
}
