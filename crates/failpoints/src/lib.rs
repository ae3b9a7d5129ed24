//! Places between a decision and its acknowledgement, where a test may end the process.
//!
//! The variable [`VARIABLE`] names one of [`RUNNER`], [`WORKER`] or [`COORDINATOR`]; the process ends
//! there, without a word to anybody, as with `kill -9`. With `NAME=3` it ends when it comes there for
//! the third time. Only programs that are built with debug assertions know any.
//!
//! Not here: what has to hold after that, which the system tests say.

use std::{
    fs::File,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Names the place where the process ends.
pub const VARIABLE: &str = "COORD_FAILPOINTS";

/// Names a file by which only the first process that comes to the place ends: whoever makes it.
pub const ONCE: &str = "COORD_FAILPOINTS_ONCE";

/// Every place in the runner's service.
pub const RUNNER: &[&str] = &[
    "runner.worker.ahead",
    "runner.assignment.written",
    "runner.lease.heard",
    "runner.stage.written",
    "runner.work.written",
    "runner.worker.started",
    "runner.result.read",
    "runner.manifest.stored",
    "runner.part.stored",
    "runner.ended.written",
    "runner.entries.acknowledged",
    "runner.record.acknowledged",
    "runner.tokens.received",
    "runner.tokens.kept",
];

/// Every place in the worker.
pub const WORKER: &[&str] = &[
    "worker.identity.written",
    "worker.session.written",
    "worker.agent.started",
    "worker.log.written",
    "worker.answer.written",
    "worker.record.closed",
    "worker.result.written",
];

/// Every place in the coordinator.
pub const COORDINATOR: &[&str] = &[
    "coordinator.sync.accepted",
    "coordinator.claim.committed",
    "coordinator.events.kept",
    "coordinator.log.kept",
    "coordinator.manifest.stored",
    "coordinator.part.stored",
    "coordinator.outcome.accepted",
    "coordinator.tokens.rotated",
    "coordinator.seal.begun",
    "coordinator.seal.stored",
];

struct Armed {
    name: String,
    passes: AtomicU32,
}

/// What the environment names, once it was looked at.
static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

/// The process has come to the place called `name`; one that is armed ends here.
pub fn reached(name: &'static str) {
    if !cfg!(debug_assertions) {
        return;
    }
    let armed = ARMED.get_or_init(|| parse(&std::env::var(VARIABLE).ok()?));
    let Some(armed) = armed.as_ref().filter(|armed| armed.name == name) else {
        return;
    };
    if armed.passes.fetch_sub(1, Ordering::Relaxed) == 1 && is_first(std::env::var_os(ONCE)) {
        std::process::abort();
    }
}

/// The variables that a process hands on to one that it starts, so that this one ends at its place, too.
pub fn handed_on() -> Vec<(String, String)> {
    if !cfg!(debug_assertions) {
        return Vec::new();
    }
    let variables = [VARIABLE, ONCE].into_iter();
    variables
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
        .collect()
}

/// Whether nobody ended at the place before; so it is where no file tells.
fn is_first(once: Option<impl AsRef<Path>>) -> bool {
    once.is_none_or(|path| File::create_new(path).is_ok())
}

fn parse(text: &str) -> Option<Armed> {
    let (name, passes) = match text.split_once('=') {
        Some((name, passes)) => (name, passes.parse().ok()?),
        None => (text, 1),
    };
    Some(Armed {
        name: name.to_owned(),
        passes: AtomicU32::new(passes),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_place_is_named_with_the_time_at_which_it_ends() {
        let armed = parse("runner.result.read").unwrap();
        assert_eq!(armed.name, "runner.result.read");
        assert_eq!(armed.passes.into_inner(), 1);
        assert_eq!(parse("a=3").unwrap().passes.into_inner(), 3);
        assert!(parse("a=x").is_none());
        // Nothing is armed here.
        reached("runner.result.read");
    }

    #[test]
    fn every_place_has_a_name_of_its_own() {
        let all: BTreeSet<_> = RUNNER.iter().chain(WORKER).chain(COORDINATOR).collect();
        assert_eq!(all.len(), RUNNER.len() + WORKER.len() + COORDINATOR.len());
    }

    #[test]
    fn only_the_first_ends_where_a_file_tells() {
        let path = std::env::temp_dir().join(format!("failpoints-{}", std::process::id()));
        assert!(is_first(Some(&path)));
        assert!(!is_first(Some(&path)));
        std::fs::remove_file(&path).unwrap();
        assert!(is_first(None::<&Path>));
    }
}
