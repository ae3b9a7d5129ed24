//! One part: streamed in, checked, and kept under its digest.

use axum::{body::BodyDataStream, extract::Request};
use object_store::{ObjectStoreExt as _, WriteMultipart, path::Path};
use protocol::{
    digest::RunningDigest,
    error::ErrorCode,
    ids::{AttemptId, RunnerId},
    limits::PART_BYTES_MAX,
};
use store::Part;

use super::{is_digest, own_attempt};
use crate::{
    app::App,
    body::{declared_length, drain, next_frame, too_large},
    error::{ApiError, ApiResult},
    objects,
};

/// How much is gathered before it is written.
const CHUNK_BYTES: usize = 1024 * 1024;
/// How many such pieces are written at once.
const WRITES_AT_ONCE_MAX: usize = 2;

/// Stores a part of the runner's attempt; says its size.
pub(crate) async fn store_part(
    app: &App,
    runner_id: RunnerId,
    attempt_id: AttemptId,
    sha256: &str,
    request: Request,
) -> ApiResult<u64> {
    if !is_digest(sha256) {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "A part is named by its SHA-256: 64 lower-case hexadecimal digits.",
        ));
    }
    own_attempt(app, runner_id, attempt_id).await?;
    let declared = declared_length(request.headers());
    let mut frames = request.into_body().into_data_stream();
    if declared.is_some_and(|length| length > PART_BYTES_MAX as u64) {
        drain(&mut frames).await;
        return Err(too_large(PART_BYTES_MAX as u64));
    }
    let arriving = objects::arriving();
    let size = take_in(app, &arriving, &mut frames, sha256).await?;
    app.objects
        .rename(&arriving, &objects::part(attempt_id, sha256))
        .await?;
    let part = Part {
        sha256: sha256.to_owned(),
        size,
    };
    app.store.add_part(attempt_id, part, app.now()).await?;
    Ok(size)
}

/// Writes the body to `arriving`; leaves nothing there when it is refused.
async fn take_in(
    app: &App,
    arriving: &Path,
    frames: &mut BodyDataStream,
    sha256: &str,
) -> ApiResult<u64> {
    let upload = app.objects.put_multipart(arriving).await?;
    let mut write = WriteMultipart::new_with_chunk_size(upload, CHUNK_BYTES);
    match copy(&mut write, frames, sha256).await {
        Ok(size) => {
            write.finish().await?;
            Ok(size)
        }
        Err(refused) => {
            if let Err(error) = write.abort().await {
                tracing::warn!(%error, "a broken upload could not be cleared away");
            }
            Err(refused)
        }
    }
}

async fn copy(
    write: &mut WriteMultipart,
    frames: &mut BodyDataStream,
    sha256: &str,
) -> ApiResult<u64> {
    let (mut size, mut digest) = (0, RunningDigest::default());
    while let Some(frame) = next_frame(frames).await? {
        size += frame.len();
        if size > PART_BYTES_MAX {
            drain(frames).await;
            return Err(too_large(PART_BYTES_MAX as u64));
        }
        digest.update(&frame);
        write.wait_for_capacity(WRITES_AT_ONCE_MAX).await?;
        write.put(frame);
    }
    if digest.hex() != sha256 {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "The part's content has another digest than its name.",
        )
        .hint("It was changed on its way or on disk; send it again."));
    }
    Ok(size as u64)
}
