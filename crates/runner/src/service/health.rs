//! Whether the machine can take work: its workspace directory and its disk.

use std::{path::Path, sync::Arc, time::Duration};

use settings::{
    config::RunnerConfig,
    directory::{self, Places},
    places,
};

use super::shared::Shared;

/// Time between two looks when nothing changes.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Time between two looks while jobs write to the disk.
const LOOK_EVERY_AT_WORK: Duration = Duration::from_secs(5);

/// What keeps the runner from taking work while the disk is nearly full.
const DISK_LOW: &str = "disk_low";

/// Every code that a look at the directory can give.
const CODES: &[&str] = &[
    "workspace_missing",
    "workspace_unwritable",
    "workspace_unsuitable",
    DISK_LOW,
];

/// Looks at the machine at the start, when asked, when settings change, and every minute.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut config = shared.config.subscribe();
    loop {
        look(&shared).await;
        let idle = shared.board.now().attempts.is_empty();
        let wait = if idle { LOOK_EVERY } else { LOOK_EVERY_AT_WORK };
        tokio::select! {
            () = shared.recheck.notified() => {}
            () = tokio::time::sleep(wait) => {}
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
    let settings = shared.settings();
    let data = shared.data.clone();
    let found = tokio::task::spawn_blocking(move || judge(&settings, &data)).await;
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

/// Whether there is room for one more job, as of now; when not, it is said.
pub(crate) async fn has_room(shared: &Arc<Shared>) -> bool {
    let settings = shared.settings();
    let data = shared.data.clone();
    let low = tokio::task::spawn_blocking(move || {
        let workspace = settings.workspace_dir.as_deref();
        low(workspace, &data, settings.space.disk_floor_bytes())
    });
    match low.await {
        Ok(Some(message)) => {
            shared.trouble(DISK_LOW, Some(message));
            false
        }
        Ok(None) => true,
        Err(error) => {
            tracing::error!(%error, "the disk could not be looked at");
            true
        }
    }
}

fn judge(settings: &RunnerConfig, data: &Path) -> Option<(&'static str, String)> {
    let Some(path) = settings.workspace_dir.clone() else {
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
    let floor = settings.space.disk_floor_bytes();
    low(Some(&path), data, floor).map(|message| (DISK_LOW, message))
}

/// Says which directory has less room than `floor`; none when neither has.
fn low(workspace: Option<&Path>, data: &Path, floor: u64) -> Option<String> {
    let places = [
        ("the workspace directory", workspace),
        ("the runner's data directory", Some(data)),
    ];
    places.into_iter().find_map(|(name, path)| {
        let path = path?;
        let free = directory::free_bytes(path).filter(|free| *free < floor)?;
        Some(format!(
            "Only {} MB are free in {name} ({}); below {} MB no job is taken. Make room, choose \
             another directory, or set `disk_floor_mb`.",
            free / 1_000_000,
            path.display(),
            floor / 1_000_000
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_directory_may_be_the_one_without_room() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        assert_eq!(low(Some(here), here, 0), None, "no floor");
        let said = low(Some(here), here, u64::MAX).unwrap();
        assert!(said.contains("workspace directory") && said.contains("disk_floor_mb"));
        let said = low(None, here, u64::MAX).unwrap();
        assert!(said.contains("data directory"), "{said}");
    }
}
