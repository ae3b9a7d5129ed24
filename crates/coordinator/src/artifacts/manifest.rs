//! The manifest: checked by itself, against the parts, and kept under the fence.

use std::collections::HashSet;

use futures::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use protocol::{
    digest::{RunningDigest, sha256_hex},
    error::ErrorCode,
    ids::{AttemptId, RunnerId},
    limits::ARTIFACTS_PER_ATTEMPT_MAX,
    runner::{ArtifactFile, ArtifactManifest, ManifestStored},
};
use store::ManifestResult;

use super::{is_digest, own_attempt};
use crate::{
    app::App,
    changes,
    error::{ApiError, ApiResult},
    objects,
    refusals::{fence_moved_on, not_yours},
};

/// Longest path of a file within the output folder.
const PATH_BYTES_MAX: usize = 1024;

/// Stores the list of everything that the runner's attempt hands back.
pub(crate) async fn store_manifest(
    app: &App,
    runner_id: RunnerId,
    attempt_id: AttemptId,
    manifest: ArtifactManifest,
) -> ApiResult<ManifestStored> {
    check(&manifest)?;
    own_attempt(app, runner_id, attempt_id).await?;
    let parts = app.store.parts_of(attempt_id).await?;
    let known: HashSet<&str> = parts.iter().map(|part| part.sha256.as_str()).collect();
    for file in &manifest.files {
        if file.parts.iter().all(|part| known.contains(part.as_str())) {
            check_content(app, attempt_id, file).await?;
        }
    }
    let now = app.store.now(app.now()).await?;
    let result = app
        .store
        .store_manifest(runner_id, attempt_id, manifest, now)
        .await?;
    match result {
        ManifestResult::Stored(at) => {
            changes::events(app, at);
            Ok(ManifestStored {
                missing_parts: Vec::new(),
            })
        }
        ManifestResult::MissingParts(missing_parts) => Ok(ManifestStored { missing_parts }),
        ManifestResult::SizeDiffers { path } => Err(invalid(format!(
            "The size of `{path}` is not that of its parts."
        ))),
        ManifestResult::FenceMovedOn => Err(fence_moved_on()),
        ManifestResult::NotYours => Err(not_yours()),
    }
}

/// Whether a file's own digest is that of its parts together.
async fn check_content(app: &App, attempt_id: AttemptId, file: &ArtifactFile) -> ApiResult<()> {
    let found = match file.parts.as_slice() {
        [] => sha256_hex(b""),
        // A single part was checked under its own digest.
        [part] => part.clone(),
        parts => {
            let mut digest = RunningDigest::default();
            for part in parts {
                let path = objects::part(attempt_id, part);
                let mut content = app.objects.get(&path).await?.into_stream();
                while let Some(piece) = content.try_next().await? {
                    digest.update(&piece);
                }
            }
            digest.hex()
        }
    };
    if found == file.sha256 {
        return Ok(());
    }
    Err(invalid(format!(
        "The parts of `{}` do not have the file's digest.",
        file.path
    )))
}

fn check(manifest: &ArtifactManifest) -> ApiResult<()> {
    if manifest.files.len() > ARTIFACTS_PER_ATTEMPT_MAX {
        return Err(ApiError::new(
            ErrorCode::TooLarge,
            format!("An attempt hands back at most {ARTIFACTS_PER_ATTEMPT_MAX} files."),
        )
        .hint("Pack them into one archive."));
    }
    let mut paths = HashSet::new();
    for file in &manifest.files {
        if !is_inside(&file.path) {
            return Err(invalid(format!(
                "`{}` is not a path within the output folder.",
                file.path.escape_default()
            )));
        }
        if !paths.insert(file.path.as_str()) {
            return Err(invalid(format!("`{}` is listed twice.", file.path)));
        }
        if !is_digest(&file.sha256) || !file.parts.iter().all(|part| is_digest(part)) {
            return Err(invalid(format!(
                "A digest of `{}` is not a SHA-256 in lower-case hexadecimal.",
                file.path
            )));
        }
    }
    Ok(())
}

/// Whether a path stays within its folder on every system.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= PATH_BYTES_MAX
        && !path.contains(|letter: char| letter.is_control() || letter == '\\')
        && path
            .split('/')
            .all(|step| !step.is_empty() && step != "." && step != "..")
}

fn invalid(message: String) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_folder() {
        for path in ["report.md", "a/b/c.txt", "..hidden", "spaces are fine"] {
            assert!(is_inside(path), "{path}");
        }
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "./a",
            "a\\b",
            "a\n",
        ] {
            assert!(!is_inside(path), "{path}");
        }
    }

    #[test]
    fn a_manifest_lists_each_file_once_with_real_digests() {
        let file = |path: &str, sha256: &str| ArtifactFile {
            path: path.to_owned(),
            size: 0,
            sha256: sha256.to_owned(),
            parts: Vec::new(),
        };
        let manifest = |files| ArtifactManifest { fence: 1, files };
        let empty = sha256_hex(b"");
        assert!(check(&manifest(vec![file("a", &empty), file("b", &empty)])).is_ok());
        assert!(check(&manifest(vec![file("a", &empty), file("a", &empty)])).is_err());
        assert!(check(&manifest(vec![file("a", &empty.to_uppercase())])).is_err());
    }
}
