//! Requests to the provider: bounded in time and size, and never redirected.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _, future::BoxFuture};
use openidconnect::{HttpRequest, HttpResponse};

/// How long one request may take.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Largest answer.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Why a request to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallFailed {
    /// It could not be sent, or its answer not read.
    #[error("the provider could not be reached")]
    Request(#[from] reqwest::Error),
    /// The answer is larger than any sensible one.
    #[error("the provider's answer is larger than {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// The answer has a head that cannot be.
    #[error("the provider's answer cannot be understood")]
    Answer(#[from] axum::http::Error),
}

/// The client for all requests.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Two providers of TLS stand in the dependency tree; the first that is installed stays.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        // Following one would let the provider send us anywhere in our own network.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_MAX)
        .timeout(REQUEST_MAX)
        .user_agent(concat!("coord/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// How the protocol's library sends requests.
pub(super) fn sender(
    client: &reqwest::Client,
) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, CallFailed>> + Send + Sync + use<>
{
    let client = client.clone();
    move |request| send(client.clone(), request).boxed()
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, CallFailed> {
    let response = client.execute(request.try_into()?).await?;
    let mut answer = axum::http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let mut body = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(CallFailed::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(answer.body(body)?)
}
