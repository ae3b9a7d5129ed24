//! The coordinator, over HTTP, as the account that is signed in.
//!
//! Every call has a deadline. A refusal comes back as a [`Failure`] with the
//! server's own words; an expired access token is renewed once, under a lock
//! that all commands of this user share.

mod calls;
mod fleet;
mod team;
mod transport;
mod workspace;

use std::time::Duration;

use protocol::{
    api::Instance,
    error::{ErrorCode, Problem},
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    context::Context,
    exit::{Exit, Failure},
    logins::{self, SignedIn},
};

pub(crate) use transport::{server_url, unreachable};

/// Longest wait for the answer to an ordinary call.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// One coordinator, with or without somebody signed in.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    server: Url,
    signed_in: Option<SignedIn>,
}

impl Client {
    /// Talks to `server` as nobody.
    pub(crate) fn anonymous(server: &str) -> Result<Self, Failure> {
        let server = server_url(server)?;
        Ok(Self {
            http: transport::build(&server)?,
            server,
            signed_in: None,
        })
    }

    /// Talks to `server`, or the one used last, as the account that is signed in there.
    pub(crate) async fn signed_in(
        context: &Context,
        server: Option<&str>,
    ) -> Result<Self, Failure> {
        let logins = logins::open(context)?;
        let server = logins::server(&logins, server)?;
        let signed_in = SignedIn::find(&logins, &server).await?;
        let mut client = Self::anonymous(&server)?;
        client.signed_in = Some(signed_in.ok_or_else(|| logins::not_signed_in(&server))?);
        Ok(client)
    }

    /// The coordinator's address, without a slash at its end.
    pub(crate) fn server(&self) -> &str {
        self.server.as_str().trim_end_matches('/')
    }

    /// The client for calls outside of `/api/v1`.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The address of `path`, whose parts are escaped.
    pub(crate) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.server.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        url
    }

    /// What anybody may know of the coordinator; also tells whether it is one.
    pub(crate) async fn instance(&self) -> Result<Instance, Failure> {
        let not_coord = || {
            Failure::new(
                Exit::Unreachable,
                format!("{} answers, but it is no coordinator", self.server()),
            )
            .hint("Check the address: it is the one that people open in a browser.")
        };
        let url = self.url(&["api", "v1", "instance"]);
        let response = self.exchange(self.http.get(url)).await?;
        if !response.status().is_success() {
            return Err(not_coord());
        }
        let instance: Instance = response.json().await.map_err(|_| not_coord())?;
        if instance.product == "coord" {
            Ok(instance)
        } else {
            Err(not_coord())
        }
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        let request = self.request(Method::GET, path).query(query);
        self.decoded(request.timeout(CALL_TIMEOUT)).await
    }

    /// Does something, with an answer.
    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &B,
    ) -> Result<T, Failure> {
        let request = self.request(Method::POST, path).json(body);
        self.decoded(request.timeout(CALL_TIMEOUT)).await
    }

    /// Does something whose answer says nothing more.
    pub(crate) async fn act<B: Serialize>(&self, path: &[&str], body: &B) -> Result<(), Failure> {
        let request = self.request(Method::POST, path).json(body);
        self.send(request.timeout(CALL_TIMEOUT)).await.map(drop)
    }

    /// Changes something, with an answer.
    pub(crate) async fn change<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: &B,
    ) -> Result<T, Failure> {
        let request = self.request(method, path).json(body);
        self.decoded(request.timeout(CALL_TIMEOUT)).await
    }

    /// Sets something; the answer says nothing more.
    pub(crate) async fn put<B: Serialize>(&self, path: &[&str], body: &B) -> Result<(), Failure> {
        let request = self.request(Method::PUT, path).json(body);
        self.send(request.timeout(CALL_TIMEOUT)).await.map(drop)
    }

    /// Ends something.
    pub(crate) async fn delete(&self, path: &[&str]) -> Result<(), Failure> {
        let request = self.request(Method::DELETE, path);
        self.send(request.timeout(CALL_TIMEOUT)).await.map(drop)
    }

    /// Sends `request` with the token, and turns every refusal into a failure.
    ///
    /// A request with a stream as its body cannot be repeated; its caller makes
    /// sure of a fresh token by an ordinary call before.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let again = request.try_clone();
        let Some(signed_in) = &self.signed_in else {
            return accepted(self.exchange(request).await?).await;
        };
        let token = signed_in.access_token(self).await?;
        let response = self.exchange(request.bearer_auth(&token)).await?;
        match again {
            Some(again) if response.status() == StatusCode::UNAUTHORIZED => {
                let token = signed_in.renewed_token(self, &token).await?;
                accepted(self.exchange(again.bearer_auth(&token)).await?).await
            }
            _ => accepted(response).await,
        }
    }

    /// A request for `path`.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    async fn decoded<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let response = self.send(request).await?;
        let body = response
            .bytes()
            .await
            .map_err(|error| unreachable(self.server(), &error))?;
        serde_json::from_slice(&body).map_err(|error| {
            Failure::plain(format!(
                "the coordinator's answer is not understood: {error}"
            ))
            .hint("Versions may be too far apart: compare `coord version` with the server's.")
        })
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request
            .send()
            .await
            .map_err(|error| unreachable(self.server(), &error))
    }
}

/// The response, or what it refuses with.
async fn accepted(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json && let Ok(problem) = response.json::<Problem>().await {
        return Err(problem.into());
    }
    Err(Problem::new(
        code_of(status),
        format!("the coordinator refuses with {status}"),
    )
    .into())
}

/// The nearest code for an answer that brings none, such as a proxy's.
fn code_of(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::UNAUTHORIZED => ErrorCode::NotSignedIn,
        StatusCode::FORBIDDEN => ErrorCode::Forbidden,
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::CONFLICT => ErrorCode::Conflict,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::TooLarge,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            ErrorCode::Unavailable
        }
        _ => ErrorCode::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path_are_escaped_and_a_prefix_is_kept() {
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::anonymous("http://127.0.0.1:1/prefix/").unwrap();
        let url = client.url(&["api", "a/b", "?c"]);
        assert_eq!(url.as_str(), "http://127.0.0.1:1/prefix/api/a%2Fb/%3Fc");
        assert_eq!(client.server(), "http://127.0.0.1:1/prefix");
    }
}
