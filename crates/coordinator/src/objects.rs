//! Where the content of files stands in the object store, and how it is read.

use axum::body::Body;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{ObjectStoreExt as _, path::Path};
use protocol::ids::{AttemptId, JobId};

use crate::{app::App, error::ApiResult};

/// The folder of what is still arriving.
pub(crate) const ARRIVING: &str = "arriving";

/// The folder of what no row names, by the moment at which it was put there.
pub(crate) const ASIDE: &str = "aside";
/// The folder of all attachments, by job.
pub(crate) const ATTACHMENTS: &str = "attachments";
/// The folder of all parts of artifacts, by attempt.
pub(crate) const ARTIFACTS: &str = "artifacts";
/// The folder of all sealed logs, by attempt.
pub(crate) const LOGS: &str = "logs";

/// The content of an attachment; by digest, so that the same content is kept once a job.
pub(crate) fn attachment(job_id: JobId, sha256: &str) -> Path {
    Path::from(format!("{ATTACHMENTS}/{job_id}/{sha256}"))
}

/// All attachments of a job.
pub(crate) fn attachments_of(job_id: JobId) -> Path {
    Path::from(format!("{ATTACHMENTS}/{job_id}"))
}

/// All parts of an attempt's artifacts.
pub(crate) fn parts_of(attempt_id: AttemptId) -> Path {
    Path::from(format!("{ARTIFACTS}/{attempt_id}"))
}

/// One part of an attempt's artifacts.
pub(crate) fn part(attempt_id: AttemptId, sha256: &str) -> Path {
    Path::from(format!("{ARTIFACTS}/{attempt_id}/{sha256}"))
}

/// All sealed pieces of an attempt's log.
pub(crate) fn logs_of(attempt_id: AttemptId) -> Path {
    Path::from(format!("{LOGS}/{attempt_id}"))
}

/// One sealed piece of an attempt's log, by the numbers of its first and its last entry.
pub(crate) fn log_piece(attempt_id: AttemptId, first: u64, last: u64) -> Path {
    Path::from(format!("{LOGS}/{attempt_id}/{first}-{last}.zst"))
}

/// A place for content that is still arriving.
pub(crate) fn arriving() -> Path {
    Path::from(format!("{ARRIVING}/{}", uuid::Uuid::now_v7()))
}

/// The contents of `paths`, one after the other, as a response body.
///
/// The first is opened before anything is answered, so that a missing file is an error and no empty body.
pub(crate) async fn body_of(app: &App, paths: Vec<Path>) -> ApiResult<Body> {
    let mut paths = paths.into_iter();
    let Some(first) = paths.next() else {
        return Ok(Body::empty());
    };
    let opened = app.objects.get(&first).await?.into_stream();
    let app = app.clone();
    let rest = futures::stream::iter(paths)
        .then(move |path| {
            let app = app.clone();
            async move {
                app.objects
                    .get(&path)
                    .await
                    .map(object_store::GetResult::into_stream)
            }
        })
        .try_flatten();
    Ok(Body::from_stream(opened.chain(rest)))
}
