//! Whether the machine can take work: its workspace directory and its disk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use settings::{
    directory::{self, Places},
    places,
};

use super::shared::Shared;

/// Time between two looks when nothing changes.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Below this much free space the runner takes nothing new, in bytes.
const FREE_BYTES_MIN: u64 = 1024 * 1024 * 1024;

/// Every code that a look at the directory can give.
const CODES: &[&str] = &[
    "workspace_missing",
    "workspace_unwritable",
    "workspace_unsuitable",
    "disk_low",
];

/// Looks at the machine at the start, when asked, when settings change, and every minute.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut config = shared.config.subscribe();
    loop {
        look(&shared).await;
        tokio::select! {
            () = shared.recheck.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            changed = config.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

/// Looks once, and says what is wrong.
pub(crate) async fn look(shared: &Arc<Shared>) {
    let wished = shared.settings().workspace_dir.clone();
    let data = shared.data.clone();
    let found = tokio::task::spawn_blocking(move || judge(wished, &data)).await;
    let trouble = match found {
        Ok(trouble) => trouble,
        Err(error) => {
            tracing::error!(%error, "the workspace directory could not be looked at");
            return;
        }
    };
    for code in CODES {
        let message = trouble
            .as_ref()
            .filter(|(found, _)| found == code)
            .map(|(_, message)| message.clone());
        shared.trouble(code, message);
    }
}

fn judge(wished: Option<PathBuf>, data: &Path) -> Option<(&'static str, String)> {
    let Some(path) = wished else {
        return Some((
            "workspace_missing",
            "No workspace directory is set, so no job can run here. Choose one in the settings, or with `--workspace-dir`.".to_owned(),
        ));
    };
    let home = places::home_dir();
    let known = Places {
        home: home.as_deref(),
        data_dir: data,
    };
    let findings = directory::look_at(&path, known);
    if let Some(problem) = findings.problem {
        let code = CODES
            .iter()
            .find(|code| **code == problem.code())
            .copied()
            .unwrap_or("workspace_unsuitable");
        return Some((code, problem.to_string()));
    }
    if !findings.exists {
        return Some((
            "workspace_missing",
            format!(
                "The workspace directory {} does not exist. Create it, or choose another in the settings.",
                path.display()
            ),
        ));
    }
    let free = findings.free_bytes?;
    (free < FREE_BYTES_MIN).then(|| {
        (
            "disk_low",
            format!(
                "Only {} MB are free in the workspace directory; at least {} MB are needed. Make room, or choose another directory.",
                free / 1_000_000,
                FREE_BYTES_MIN / 1_000_000
            ),
        )
    })
}
