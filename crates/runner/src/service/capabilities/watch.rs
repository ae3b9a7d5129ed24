//! Watching for agents that come, go or change.
//!
//! What happens to a program by its name is a change. A file of settings is read and
//! compared: agents write their own files all the time, mostly to the same effect.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use agents::driver::Traces;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use protocol::digest::RunningDigest;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

/// Without a further change for this long, what changed is complete.
const QUIET: Duration = Duration::from_secs(2);
/// Changes that never end are looked at after this time all the same.
const QUIET_PATIENCE: Duration = Duration::from_secs(20);

/// What happened since it was looked at last.
#[derive(Debug, Default)]
struct Happened {
    program: AtomicBool,
    anything: Notify,
}

/// A watch over programs and files.
pub(super) struct Watching {
    happened: Arc<Happened>,
    files: Vec<PathBuf>,
    seen: String,
    // Ends with this.
    _watcher: Option<RecommendedWatcher>,
}

impl Watching {
    /// Watches from now on; where the system does not let us, only what is asked for is seen.
    pub(super) fn begin(traces: &Traces, path: &[PathBuf]) -> Self {
        let happened = Arc::new(Happened::default());
        let sights = Sights::of(traces, path);
        let folders = sights.folders.clone();
        let told = Arc::clone(&happened);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                sights.tell(&event, &told);
            }
        });
        let watcher = watcher.map(|mut watcher| {
            for folder in &folders {
                if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                    tracing::debug!(%error, folder = %folder.display(), "cannot be watched");
                }
            }
            watcher
        });
        if let Err(error) = &watcher {
            tracing::warn!(%error, "changes of agents are not noticed by themselves");
        }
        Self {
            happened,
            seen: digest(&traces.files),
            files: traces.files.clone(),
            _watcher: watcher.ok(),
        }
    }

    /// Waits for a change that makes looking again worth while.
    pub(super) async fn changed(&mut self) {
        loop {
            self.happened.anything.notified().await;
            let deadline = Instant::now() + QUIET_PATIENCE;
            while Instant::now() < deadline
                && timeout(QUIET, self.happened.anything.notified())
                    .await
                    .is_ok()
            {}
            let program = self.happened.program.swap(false, Ordering::SeqCst);
            let now = digest(&self.files);
            if program || now != self.seen {
                self.seen = now;
                return;
            }
        }
    }
}

/// Where to look, and for what.
struct Sights {
    folders: BTreeSet<PathBuf>,
    /// Names of programs, without what follows a dot.
    programs: BTreeSet<String>,
    files: BTreeSet<PathBuf>,
}

impl Sights {
    fn of(traces: &Traces, path: &[PathBuf]) -> Self {
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        let mut files = BTreeSet::new();
        let mut programs = BTreeSet::new();
        for program in &traces.programs {
            programs.extend(stem(program));
            if program.is_absolute() {
                folders.extend(program.parent().map(Path::to_owned));
                // An update may change what stands behind a link, and leave the link.
                if let Ok(behind) = program.canonicalize() {
                    programs.extend(stem(&behind));
                    folders.extend(behind.parent().map(Path::to_owned));
                }
            } else {
                folders.extend(path.iter().cloned());
            }
        }
        for file in &traces.files {
            // The folder of settings may come later than its agent.
            let there = file.ancestors().skip(1).find(|folder| folder.is_dir());
            folders.extend(there.map(Path::to_owned));
            files.extend(file.ancestors().take(2).map(Path::to_owned));
        }
        folders.retain(|folder| folder.is_absolute() && folder.is_dir());
        Self {
            folders,
            programs,
            files,
        }
    }

    fn tell(&self, event: &Event, happened: &Happened) {
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        let program = event
            .paths
            .iter()
            .any(|path| stem(path).is_some_and(|name| self.programs.contains(&name)));
        let file = event.paths.iter().any(|path| self.files.contains(path));
        if program {
            happened.program.store(true, Ordering::SeqCst);
        }
        if program || file {
            happened.anything.notify_one();
        }
    }
}

fn stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.to_owned())
}

/// One digest over what stands in all of the files.
fn digest(files: &[PathBuf]) -> String {
    let mut digest = RunningDigest::default();
    for file in files {
        match std::fs::read(file) {
            Ok(bytes) => digest.update(&bytes),
            Err(_) => digest.update(b"not there"),
        }
        digest.update(&[0]);
    }
    digest.hex()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn begin(root: &Path) -> Watching {
        let traces = Traces {
            programs: vec![PathBuf::from("an-agent")],
            files: vec![root.join("settings/auth.json")],
        };
        Watching::begin(&traces, &[root.join("bin")])
    }

    async fn is_noticed(watching: &mut Watching) -> bool {
        timeout(Duration::from_secs(30), watching.changed())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_program_that_comes_and_a_sign_in_that_changes_are_noticed() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir(root.join("bin")).unwrap();
        fs::create_dir(root.join("settings")).unwrap();
        let mut watching = begin(&root);
        fs::write(root.join("bin/an-agent"), "").unwrap();
        assert!(is_noticed(&mut watching).await);
        fs::write(root.join("settings/auth.json"), "{}").unwrap();
        assert!(is_noticed(&mut watching).await);
    }

    #[test]
    fn what_concerns_nobody_and_what_is_only_read_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let traces = Traces {
            programs: vec![PathBuf::from("an-agent")],
            files: vec![root.path().join("auth.json")],
        };
        let sights = Sights::of(&traces, &[root.path().to_owned()]);
        let changed = EventKind::Modify(notify::event::ModifyKind::Any);
        let read = EventKind::Access(notify::event::AccessKind::Any);
        for (kind, name, expected) in [
            (changed, "an-agent", true),
            (changed, "an-agent.cmd", true),
            (changed, "auth.json", true),
            (changed, "history.json", false),
            (read, "an-agent", false),
        ] {
            let happened = Happened::default();
            let event = Event::new(kind).add_path(root.path().join(name));
            sights.tell(&event, &happened);
            let noticed = futures::FutureExt::now_or_never(happened.anything.notified()).is_some();
            assert_eq!(noticed, expected, "{kind:?} {name}");
        }
    }
}
