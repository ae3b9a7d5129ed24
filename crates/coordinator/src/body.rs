//! Request bodies with limits, refused in a way that the sender gets to read.
//!
//! A client that is still sending sees a closed connection rather than the
//! answer. So a body that is too large is read on and thrown away, within
//! bounds, before it is refused; unless the client asked first (`Expect`).

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT},
    },
};
use futures::{Stream, StreamExt as _};
use protocol::error::ErrorCode;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ApiResult};

/// How much of a body that is too large is still read before it is refused.
const DRAIN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long a sender may pause within a body.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How large the JSON of a request may be.
pub(crate) trait BodyLimit {
    /// In bytes, as it travels.
    const BYTES_MAX: usize = 64 * 1024;

    /// The refusal of a larger one.
    fn too_large() -> ApiError {
        too_large(Self::BYTES_MAX as u64)
    }
}

/// A JSON body within its limit.
pub(crate) struct Body<T>(pub(crate) T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + BodyLimit,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                ErrorCode::Invalid,
                "The request's content type is not JSON.",
            )
            .hint("Send `content-type: application/json`.")
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = read_limited(request, T::BYTES_MAX, T::too_large).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::new(ErrorCode::Invalid, unreadable(&error)))
    }
}

/// Reads a whole body of at most `bytes_max`.
pub(crate) async fn read_limited(
    request: Request,
    bytes_max: usize,
    refusal: impl FnOnce() -> ApiError,
) -> ApiResult<Bytes> {
    let declared = declared_length(request.headers());
    let asked_first = request.headers().contains_key(EXPECT);
    let too_large_anyway = declared.is_some_and(|length| length > bytes_max as u64);
    if too_large_anyway && asked_first {
        return Err(refusal());
    }
    let mut kept = Vec::with_capacity(declared.map_or(0, |length| {
        usize::try_from(length).unwrap_or(0).min(bytes_max)
    }));
    let mut frames = request.into_body().into_data_stream();
    while let Some(frame) = next_frame(&mut frames).await? {
        if kept.len() + frame.len() > bytes_max {
            drain(&mut frames).await;
            return Err(refusal());
        }
        kept.extend_from_slice(&frame);
    }
    Ok(kept.into())
}

/// The length that the sender announced.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The next piece of a body; a sender that pauses for too long is refused.
pub(crate) async fn next_frame(
    frames: &mut (impl Stream<Item = Result<Bytes, axum::Error>> + Unpin),
) -> ApiResult<Option<Bytes>> {
    match tokio::time::timeout(PAUSE_MAX, frames.next()).await {
        Ok(Some(Ok(frame))) => Ok(Some(frame)),
        Ok(None) => Ok(None),
        Ok(Some(Err(error))) => Err(ApiError::new(
            ErrorCode::Invalid,
            format!("The request broke off: {error}."),
        )),
        Err(_) => Err(ApiError::new(
            ErrorCode::Invalid,
            format!(
                "Nothing more of the request came for {} s.",
                PAUSE_MAX.as_secs()
            ),
        )
        .status(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// Reads on and throws away, so that the sender comes to read the answer.
pub(crate) async fn drain(frames: &mut (impl Stream<Item = Result<Bytes, axum::Error>> + Unpin)) {
    let mut drained = 0_usize;
    while drained < DRAIN_BYTES_MAX {
        match next_frame(frames).await {
            Ok(Some(frame)) => drained += frame.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

/// The refusal of something larger than `bytes_max`.
pub(crate) fn too_large(bytes_max: u64) -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!("The request is larger than {}.", size_in_words(bytes_max)),
    )
    .hint("Send less at once.")
}

/// A size for a person: whole MiB or KiB where it is one.
pub(crate) fn size_in_words(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = KIB * KIB;
    match bytes {
        _ if bytes >= MIB && bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        _ if bytes >= KIB && bytes.is_multiple_of(KIB) => format!("{} KiB", bytes / KIB),
        _ => format!("{bytes} bytes"),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn unreadable(error: &serde_json::Error) -> String {
    format!("The request's JSON cannot be read: {error}.")
}

#[cfg(test)]
mod tests {
    use axum::body::Body as HttpBody;

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Small {
        n: u8,
    }

    impl BodyLimit for Small {
        const BYTES_MAX: usize = 16;
    }

    async fn read(kind: &str, body: impl Into<HttpBody>) -> ApiResult<u8> {
        let request = Request::builder()
            .header(CONTENT_TYPE, kind)
            .body(body.into())
            .unwrap();
        Body::<Small>::from_request(request, &())
            .await
            .map(|body| body.0.n)
    }

    fn code(result: ApiResult<u8>) -> ErrorCode {
        result.unwrap_err().problem().code
    }

    #[tokio::test]
    async fn a_body_within_its_limit_is_read() {
        assert_eq!(
            read("application/json; charset=utf-8", r#"{"n":7}"#)
                .await
                .unwrap(),
            7
        );
    }

    #[tokio::test]
    async fn a_larger_body_is_read_to_its_end_and_refused() {
        let mut frames = 0;
        let body = HttpBody::from_stream(futures::stream::poll_fn(move |_| {
            frames += 1;
            std::task::Poll::Ready(
                (frames <= 100).then(|| Ok::<_, std::io::Error>(Bytes::from_static(b"0123456789"))),
            )
        }));
        assert_eq!(
            code(read("application/json", body).await),
            ErrorCode::TooLarge
        );
    }

    #[tokio::test]
    async fn other_content_and_broken_json_are_refused() {
        assert_eq!(
            code(read("text/plain", r#"{"n":7}"#).await),
            ErrorCode::Invalid
        );
        assert_eq!(
            code(read("application/json", "{").await),
            ErrorCode::Invalid
        );
    }

    #[test]
    fn sizes_are_said_in_the_largest_whole_unit() {
        assert_eq!(size_in_words(8 * 1024 * 1024), "8 MiB");
        assert_eq!(size_in_words(1536), "1536 bytes");
        assert_eq!(size_in_words(2048), "2 KiB");
    }
}
