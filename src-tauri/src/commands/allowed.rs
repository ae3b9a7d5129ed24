//! What of the outside the window may open: pages of its own coordinator, and
//! folders of jobs. What an agent wrote never becomes an address to open.

use std::path::{Path, PathBuf};

use control::state::{Connection, ServiceState};
use protocol::error::{ErrorCode, Problem};
use tauri::Url;

use crate::link::Link;

/// `url`, if it is a page of the coordinator that the service works for.
pub(super) fn url(link: &Link, url: &str) -> Result<Url, Problem> {
    let refused = || {
        Problem::new(
            ErrorCode::Forbidden,
            "Only pages of your coordinator open here.",
        )
    };
    let state = link.state().ok_or_else(refused)?;
    let wanted = Url::parse(url).map_err(|_| refused())?;
    let known = origins(state).any(|origin| origin.origin() == wanted.origin());
    if known && matches!(wanted.scheme(), "http" | "https") {
        Ok(wanted)
    } else {
        Err(refused())
    }
}

fn origins(state: &ServiceState) -> impl Iterator<Item = Url> {
    let verification = match &state.connection {
        Connection::SigningIn {
            verification_uri, ..
        } => Some(verification_uri),
        _ => None,
    };
    verification
        .into_iter()
        .chain(state.config.server.as_ref())
        .chain(state.attempts.iter().map(|attempt| &attempt.url))
        .filter_map(|text| Url::parse(text).ok())
}

/// `folder`, if it lies in the workspace directory or belongs to a job.
pub(super) fn folder(link: &Link, folder: &Path) -> Result<PathBuf, Problem> {
    let missing = || {
        Problem::new(
            ErrorCode::NotFound,
            format!("{} is not there any more.", folder.display()),
        )
    };
    let wanted = folder.canonicalize().map_err(|_| missing())?;
    let state = link.state().ok_or_else(missing)?;
    let known = state
        .config
        .workspace_dir
        .iter()
        .chain(
            state
                .attempts
                .iter()
                .filter_map(|attempt| attempt.folder.as_ref()),
        )
        .filter_map(|path| Path::new(path).canonicalize().ok())
        .any(|known| wanted.starts_with(known));
    if known && wanted.is_dir() {
        Ok(wanted)
    } else {
        Err(Problem::new(
            ErrorCode::Forbidden,
            "Only folders in the workspace directory open here.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sample;

    fn link(change: impl FnOnce(&mut ServiceState)) -> Link {
        let mut state = sample::online();
        change(&mut state);
        Link::Running {
            state: Arc::new(state),
        }
    }

    #[test]
    fn only_pages_of_the_coordinator_open() {
        let link = link(|_| {});
        assert!(url(&link, "https://coord.example.com/w/engines/jobs/1").is_ok());
        for other in [
            "https://evil.example.com/",
            "http://coord.example.com/",
            "https://coord.example.com.evil.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "not an address",
        ] {
            assert!(url(&link, other).is_err(), "{other}");
        }
        assert!(url(&Link::Starting, "https://coord.example.com/").is_err());
    }

    #[test]
    fn only_folders_under_the_workspace_directory_open() {
        let dir = tempfile::tempdir().unwrap();
        let (work, other) = (dir.path().join("work"), dir.path().join("other"));
        std::fs::create_dir_all(work.join("job")).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        let link = link(|state| {
            state.config.workspace_dir = Some(work.to_string_lossy().into_owned());
        });
        assert!(folder(&link, &work.join("job")).is_ok());
        assert!(folder(&link, &work.join("../other")).is_err());
        assert!(folder(&link, &work.join("gone")).is_err());
    }
}
