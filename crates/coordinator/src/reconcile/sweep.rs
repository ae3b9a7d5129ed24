//! Going through everything that waits, page by page: one row that fails holds up no other.
//!
//! What fails is counted, and named in the log: at once, and then from time to time for
//! as long as it stays.

use std::{
    collections::HashMap,
    error::Error,
    fmt::Display,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use store::Page;

/// How often a row that fails with every look is named in the log.
const NAME_EVERY: Duration = Duration::from_mins(10);
/// How many failing rows are remembered; with more, some are named more often.
const REMEMBERED_MAX: usize = 1000;

/// When each failing row was named.
static NAMED: Mutex<Option<HashMap<(&'static str, String), Instant>>> = Mutex::new(None);

/// One way through all pages.
pub(super) struct Sweep {
    reconciler: &'static str,
    after: Option<String>,
    is_over: bool,
    failed: u32,
}

impl Sweep {
    /// Begins before the first page.
    pub(super) fn begin(reconciler: &'static str) -> Self {
        Self {
            reconciler,
            after: None,
            is_over: false,
            failed: 0,
        }
    }

    /// Whether there is a page that was not read yet.
    pub(super) fn goes_on(&self) -> bool {
        !self.is_over
    }

    /// The key after which the next page begins.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The rows of a page that could be read.
    pub(super) fn take<T>(&mut self, page: Page<T>) -> Vec<T> {
        self.is_over = page.next.is_none();
        self.after = page.next;
        for row in page.poisoned {
            self.failed(&row.key, &row.error);
        }
        page.rows
    }

    /// Notes that a row could not be dealt with; the next look tries it again.
    pub(super) fn failed(&mut self, row: &dyn Display, error: &(dyn Error + 'static)) {
        self.failed += 1;
        metrics::counter!("coord_reconciler_row_errors_total", "reconciler" => self.reconciler)
            .increment(1);
        if is_news(self.reconciler, row.to_string()) {
            tracing::error!(
                reconciler = self.reconciler, %row, error,
                "a row could not be dealt with; the others were, and it is tried again"
            );
        }
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        metrics::gauge!("coord_reconciler_failing_rows", "reconciler" => self.reconciler)
            .set(self.failed);
    }
}

fn is_news(reconciler: &'static str, row: String) -> bool {
    let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let named = named.get_or_insert_default();
    if named.len() >= REMEMBERED_MAX {
        named.clear();
    }
    let now = Instant::now();
    let key = (reconciler, row);
    let is_news = named
        .get(&key)
        .is_none_or(|at| now.duration_since(*at) >= NAME_EVERY);
    if is_news {
        named.insert(key, now);
    }
    is_news
}

#[cfg(test)]
mod tests {
    use store::Poisoned;

    use super::*;

    #[test]
    fn a_poisoned_row_is_left_out_and_the_pages_go_on() {
        let mut sweep = Sweep::begin("test");
        let error = store::Error::Overloaded;
        let poisoned = vec![Poisoned {
            key: "b".to_owned(),
            error,
        }];
        let next = Some("c".to_owned());
        let rows = sweep.take(Page {
            rows: vec![1, 3],
            poisoned,
            next,
        });
        assert_eq!(rows, [1, 3]);
        assert_eq!((sweep.goes_on(), sweep.after()), (true, Some("c")));
        let last = Page {
            rows: vec![4],
            poisoned: Vec::new(),
            next: None,
        };
        assert_eq!(sweep.take(last), [4]);
        assert!(!sweep.goes_on());
        assert_eq!(sweep.failed, 1);
    }

    #[test]
    fn what_fails_again_and_again_is_named_once() {
        assert!(is_news("test", "x".to_owned()));
        assert!(!is_news("test", "x".to_owned()));
        assert!(is_news("other", "x".to_owned()));
    }
}
